"""What the commands `deploy …` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.delivery.deploy import Planner
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record

IMAGE = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/shop@sha256:{'7f' * 32}"


def deploy_by(planner: Planner, image: str, call: Call, command: str) -> int:
    """Deploys the image as planner says, and reports it."""
    from ecr_push.cli.deliver import image_story
    from ecr_push.cli.judge_story import whole_image_name, wrong_arguments
    from ecr_push.cli.read_settings import read_settings

    settings, facts = read_settings(call, command, lambda read: wrong_arguments(image, (), read, call))

    def story(tools: Tools, record: Record) -> None:
        from ecr_push.delivery.deploy import deploy_image

        deploy_image(whole_image_name(image, settings), planner, settings, tools, record)

    return image_story(story, settings, facts, call)
