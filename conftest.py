"""Leave out of the collection what is a script: run by hand to record a contract's answers, or by alembic."""

collect_ignore_glob = ["plugins/*/*/tests/record*.py"]
# alembic runs it, within a migration
collect_ignore = ["core/arbx/ledger/migrations/env.py"]
