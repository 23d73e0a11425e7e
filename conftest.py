"""Leave out of the collection what is a script, run by hand to record a contract's answers."""

collect_ignore_glob = ["plugins/*/*/tests/record*.py"]
