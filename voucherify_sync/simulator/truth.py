"""The true final state: what a perfect reader of all webhooks knows, in whatever order they came.

A JSON value, written by `voucherify-sync simulate --truth FILE`. Moments are ISO 8601 in UTC with
milliseconds; compare them as moments, a reader may write six digits. A value of null means that no
webhook told one (or that none is set). What nobody can know is not here: `next_expiration_*` of a
card (two tellings of one millisecond differ in it), the vouchers' tracking ids, the time of day.

    format      1
    options     seed, cards, events, disorder, duplicates, projects, days
    projects    by project id:
      cards          by voucher id: deleted, and unless deleted: code, campaign_id, campaign,
                     holder_id, active, metadata, category_id, updated_at, balance, points (ever
                     added), expired_points, subtracted_points, redeemed_points, pending_points,
                     redeemed_quantity
      gifts          by voucher id: the same, but balance, amount and redeemed_amount for points
      vouchers       (coupons) by voucher id: the same, without a balance
      ledgers        by voucher id of a card or gift: its entries, oldest first: id, type, points
                     (money on a gift), balance (left by it), total, created_at,
                     related_transaction_id
      pending_points by voucher id of a card: what is pending now, by its id: points, activates_at,
                     order_id, created_at, updated_at
      tiers          list of customer_id, campaign_id, tier_id (null for one who left)
      loyalty_tiers  by tier id: name, campaign_id, from, to, metadata, updated_at
      publications   by publication id: customer_id, vouchers_id, channel, source_id, metadata,
                     created_at
      redemptions    by id, rollbacks (`rr_…`) too: object, result, status (as told in its own
                     event), customer_id, amount, date, voucher_id, rolled_back_by (a rollback's
                     id), redemption (of a rollback)
      orders         by order id: source_id, status, amount, total_amount, customer_id, metadata,
                     created_at, updated_at
      customers      by customer id: deleted, and told (each field as last told), or if deleted
                     the source_id that somebody else may have by now
      campaigns      by campaign id: deleted, and unless deleted: name, campaign_type, active,
                     description, metadata, updated_at
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from voucherify_sync.simulator.campaigns import Campaign
from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.incentives import Tier
from voucherify_sync.simulator.ledger import Entry
from voucherify_sync.simulator.moments import At, optional
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.pending import PendingPoints
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.redemptions import Redemption, Rollback
from voucherify_sync.simulator.wire import Json, written
from voucherify_sync.simulator.world import World

_OPTIONS = ("seed", "cards", "events", "disorder", "duplicates", "projects", "days")


def truth(options: SimulationOptions, worlds: Iterable[World]) -> Json:
    """The truth of a simulation."""
    asked = asdict(options)
    found: Json = {
        "format": 1,
        "options": {name: asked[name] for name in _OPTIONS},
        "projects": {world.teller.project_id: _project(world) for world in worlds},
    }
    copy: Json = written(found)
    return copy


def write(path: Path, value: Json) -> None:
    """Write a truth to a file, in ASCII: names may hold what UTF-8 can't."""
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="ascii")


def read(path: Path) -> Json:
    """The truth in a file. Raises ValueError where there is none in it."""
    value: Json = json.loads(path.read_text(encoding="ascii"))
    if value.get("format") != 1:
        raise ValueError(f"{path} holds no truth of format 1")
    return value


def _project(world: World) -> Json:
    return {
        "cards": {card.id: _card(card) for card in world.cards},
        "gifts": {gift.id: _gift(gift) for gift in world.gifts},
        "vouchers": {coupon.id: _voucher(coupon) for coupon in world.coupons},
        "ledgers": {
            voucher.id: [_entry(entry) for entry in world.ledgers.get(voucher.id, [])]
            for voucher in (*world.cards, *world.gifts)
        },
        "pending_points": _pending(world),
        "tiers": [
            {"customer_id": customer, "campaign_id": campaign, "tier_id": tier and tier.id}
            for (customer, campaign), tier in world.tiers.items()
        ],
        "loyalty_tiers": {
            tier.id: _tier(tier) for tiers in world.programme.tiers.values() for tier in tiers
        },
        "publications": {one.id: _publication(one) for one in world.publications},
        "redemptions": {
            **{one.id: _redemption(one) for one in world.redemptions},
            **{one.id: _rollback(one) for one in world.rollbacks},
        },
        "orders": {order.id: _order(order) for order in world.orders},
        "customers": {
            one.id: {"deleted": True, "source_id": one.source_id}
            if one.deleted
            else {"deleted": False, "told": world.teller.customers[one.id]}
            for one in world.customers
        },
        "campaigns": {one.id: _campaign(one) for one in world.programme.campaigns()},
    }


def _voucher(voucher: Voucher) -> Json:
    if voucher.deleted:
        return {"deleted": True, "code": voucher.code, "campaign_id": voucher.campaign.id}
    return {
        "deleted": False,
        "code": voucher.code,
        "campaign_id": voucher.campaign.id,
        "campaign": voucher.campaign.name,
        "holder_id": voucher.holder.id if voucher.holder else None,
        "active": voucher.active,
        "metadata": voucher.metadata,
        "category_id": voucher.category.id if voucher.category else None,
        "redeemed_quantity": voucher.redeemed_quantity,
        "updated_at": optional(voucher.updated_at),
    }


def _card(card: Voucher) -> Json:
    points = card.points
    if card.deleted or points is None:
        return _voucher(card)
    return {
        **_voucher(card),
        "balance": points.balance,
        "points": points.ever,
        "expired_points": points.expired or None,
        "subtracted_points": points.subtracted or None,
        "redeemed_points": points.redeemed,
        "pending_points": points.pending,
    }


def _gift(gift: Voucher) -> Json:
    account = gift.credits
    if gift.deleted or account is None:
        return _voucher(gift)
    return {
        **_voucher(gift),
        "balance": account.balance,
        "amount": account.loaded,
        "redeemed_amount": account.redeemed,
    }


def _entry(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "type": entry.movement.type,
        "points": entry.movement.points,
        "balance": entry.balance,
        "total": entry.total,
        "created_at": At(entry.at),
        "related_transaction_id": entry.movement.related,
    }


def _pending(world: World) -> Json:
    by_card: Json = {card.id: {} for card in world.cards}
    for points in world.pending:
        if points.open:
            by_card[points.card.id][points.id] = _pending_points(points)
    return by_card


def _pending_points(points: PendingPoints) -> Json:
    return {
        "points": points.points,
        "activates_at": points.activates_at,
        "order_id": points.order.id,
        "created_at": At(points.created_at),
        "updated_at": optional(points.updated_at),
    }


def _tier(tier: Tier) -> Json:
    return {
        "name": tier.name,
        "campaign_id": tier.campaign.id,
        "from": tier.low,
        "to": tier.high,
        "metadata": tier.metadata,
        "updated_at": optional(tier.updated_at),
    }


def _publication(publication: Publication) -> Json:
    return {
        "customer_id": publication.customer.id,
        "vouchers_id": [voucher.id for voucher in publication.vouchers],
        "channel": publication.channel,
        "source_id": publication.source_id,
        "metadata": publication.metadata,
        "created_at": At(publication.at),
    }


def _redemption(redemption: Redemption) -> Json:
    return {
        "object": "redemption",
        "result": redemption.result,
        "status": redemption.status,
        "customer_id": redemption.customer.id,
        "voucher_id": redemption.voucher.id,
        "amount": redemption.amount,
        "date": At(redemption.at),
        "rolled_back_by": redemption.rollback.id if redemption.rollback else None,
    }


def _rollback(rollback: Rollback) -> Json:
    amount = rollback.redemption.amount
    return {
        "object": "redemption_rollback",
        "result": rollback.result,
        "status": rollback.status,
        "customer_id": rollback.redemption.customer.id,
        "voucher_id": rollback.redemption.voucher.id,
        "amount": None if amount is None else -amount,
        "date": At(rollback.at),
        "redemption": rollback.redemption.id,
    }


def _order(order: Order) -> Json:
    return {
        "source_id": order.source_id,
        "status": order.status,
        "amount": order.amount,
        "total_amount": order.total,
        "customer_id": order.customer.id,
        "metadata": order.metadata,
        "created_at": At(order.created_at),
        "updated_at": optional(order.updated_at),
    }


def _campaign(campaign: Campaign) -> Json:
    if campaign.deleted:
        return {"deleted": True, "name": campaign.name}
    return {
        "deleted": False,
        "name": campaign.name,
        "campaign_type": campaign.kind,
        "active": campaign.active,
        "description": campaign.description,
        "metadata": campaign.metadata,
        "updated_at": optional(campaign.updated_at),
    }
