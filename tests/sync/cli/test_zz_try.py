import pathlib, sys

sys.path.insert(0, "/work/main/tests/sync/cli")


def test_all(office):
    office.form.seed(5)
    office.crm.seed(4)
    for words in (
        ["check"],
        ["check", "--connect"],
        ["run"],
        ["run"],
        ["status"],
        ["runs"],
        ["errors"],
        ["lead", "佐藤"],
        ["lead", "lead1@kaisha1.example"],
        ["explain", "lead1@kaisha1.example"],
        ["explain", "lead1@kaisha1.example", "email"],
        ["lead", "lead1@kaisha1.example", "--set", "phone=03-9999-0000", "--set", "title=課長"],
        ["run", "--dry-run"],
        ["run"],
        ["explain", "lead1@kaisha1.example"],
        ["lead", "lead1@kaisha1.example", "--stage", "mql", "--reason", "電話で確認"],
        ["discover", "crm"],
        ["discover", "crm", "records"],
        ["preview", "crm", "records", "--record", "1"],
        ["connectors", "list"],
        ["mapping", "test"],
        ["pause", "form", "--reason", "x"],
        ["resume", "form"],
        ["db", "upgrade"],
        ["nosuch"],
        ["lead", "lead1@kaisha1.example", "--lang", "ja"],
    ):
        t = office.type(*words)
        print("$", *words, "->", t.code)
        print(t.out)
        print(t.err)
    assert 0
