"""Customers move between the tiers of a campaign."""

from tests.proof.things import At, Json, Says, Thing
from tests.proof.world import Project, alive


def move_tier(project: Project, a: int, b: int, design: int) -> None:
    """A customer joins a tier, moves to the other one, stays longer, or leaves."""
    campaign, customer = project.campaign(a % 2), project.customer(b % 2)
    if not alive(campaign, customer):
        return
    here = project.memberships.setdefault(
        (customer.id, campaign.id), Thing("membership", customer.id, 0, {"tier_id": None})
    )
    before = here.fields["tier_id"]
    tier = project_tier(project, campaign, design % 2)
    data: Json = {"customer": customer.form(), "campaign": campaign.form()}
    says = Says.ABOUT
    if before is None:
        what, says, after = "joined", Says.BEGINS, tier.id
        data["loyalty_tier"] = tier.form()
    elif b == 2:
        what, says, after = "left", Says.ENDS, None
        data["loyalty_tier"] = project.tiers[before].form()
    elif before == tier.id:
        what, after = "prolonged", before
        data["loyalty_tier"] = tier.form()
    else:
        what, after = ("upgraded", "downgraded")[design % 2], tier.id
        data["loyalty_tier_from"] = project.tiers[before].form()
        data["loyalty_tier_to"] = tier.form()
    here.made, here.changed = project.clock.now, None
    here.fields = {"tier_id": after}
    here.form().note(project.clock.now, says)
    data["created_at"] = At(project.clock.now)
    project.distribute(f"customer.loyalty.tier.{what}", data, (0, 1, 5)[design // 2 % 3])


def project_tier(project: Project, campaign: Thing, number: int) -> Thing:
    """A tier of a campaign."""
    id_ = f"{campaign.id}-{number}"
    if id_ not in project.tiers:
        fields: Json = {"name": f"Tier {number}", "campaign_id": campaign.id}
        made = project.make(project.tiers, "loyalty_tier", id_, fields)
        data: Json = {"campaign": campaign.form(), "loyalty_tier": made.form()}
        project.tell("campaign.loyalty_tier.created", data, begins=[made])
    return project.tiers[id_]
