"""An app that only test stacks install: kinds of job that crash, hang, swell or merely count."""
