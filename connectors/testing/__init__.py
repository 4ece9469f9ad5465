"""The contract every connector passes, here and in a plugin's own repository.

``pytest --pyargs connectors.testing --connector=SLUG`` runs it over one connector; add
``--connector-path=DIR`` where the connector lies in a directory and is not installed. It is driven
through the connector's own ``contract.py`` (``connectors.kit.rehearsal``). A check that cannot
apply is named with its reason under ``quality.exempt`` in connector.yaml: pull, changes, deletes,
fetch, push, repeat, unknown_field, lost_answer, webhook, revoke, rate_limit, unavailable, html,
identify, simulator.
"""
