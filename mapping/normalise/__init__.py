"""From what people and vendors write to one way of writing it, a module per kind of value.

A normaliser returns None for what it cannot read and never raises; applied to its own result it
changes nothing. Folding for keys (old kanji, small kana, legal forms) is kept apart from
normalising for display: nobody's name is respelled.
"""
