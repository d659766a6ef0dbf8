"""`python -m ecr_push.cli`, which the Jenkins library and the action call."""

from ecr_push.cli.main import console

if __name__ == "__main__":
    console()
