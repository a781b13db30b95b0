"""What marketers do: they change campaigns, and delete what there is."""

from tests.proof.things import Json
from tests.proof.world import Project, alive


def change_campaign(project: Project, a: int, b: int, design: int) -> None:
    """A campaign is updated, disabled or enabled."""
    campaign = project.campaign(a)
    if not alive(campaign):
        return
    what = ("updated", "disabled", "enabled")[b]
    changes: Json = {"metadata": {"n": design}} if b == 0 else {"active": b == 2}
    campaign.change(project.clock.now, changes)
    project.tell(f"campaign.{what}", {"campaign": campaign.form()}, about=[campaign])


def delete(project: Project, a: int, b: int, design: int) -> None:  # noqa: ARG001
    """A card, a customer or a campaign is deleted."""
    id_ = f"x{a}"
    kind, things = (
        ("voucher", project.cards),
        ("customer", project.customers),
        ("campaign", project.campaigns),
    )[b]
    thing = things.get(id_)
    if thing is None or thing.gone:
        return
    thing.gone = True
    project.tell(f"{kind}.deleted", {kind: thing.form()})
