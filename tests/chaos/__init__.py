"""Whole call-outs over real processes while they are killed and the telephone network misbehaves.

    make chaos SEED=7

What is done and what is checked: docs/explanation/reliability.md.
"""
