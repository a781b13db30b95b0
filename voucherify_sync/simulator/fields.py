"""Where each field of the truth stands in the query API's answers."""

from collections.abc import Mapping

VOUCHER: Mapping[str, str] = {
    "code": "code",
    "campaign_id": "campaign_id",
    "campaign": "campaign",
    "holder_id": "holder_id",
    "active": "active",
    "metadata": "metadata",
    "category_id": "category_id",
    "updated_at": "updated_at",
    "redeemed_quantity": "redemption.redeemed_quantity",
}
CARD: Mapping[str, str] = {
    **VOUCHER,
    "balance": "loyalty_card.balance",
    "points": "loyalty_card.points",
    "expired_points": "loyalty_card.expired_points",
    "subtracted_points": "loyalty_card.subtracted_points",
    "pending_points": "loyalty_card.pending_points",
    "redeemed_points": "redemption.redeemed_points",
}
GIFT: Mapping[str, str] = {
    **VOUCHER,
    "balance": "gift.balance",
    "amount": "gift.amount",
    "redeemed_amount": "redemption.redeemed_amount",
}
ENTRY: Mapping[str, str] = {
    "id": "id",
    "type": "type",
    "points": "details.balance.points",
    "balance": "details.balance.balance",
    "total": "details.balance.total",
    "created_at": "created_at",
    "related_transaction_id": "related_transaction_id",
}
GIFT_ENTRY: Mapping[str, str] = {**ENTRY, "points": "details.balance.amount"}
PENDING: Mapping[str, str] = {
    name: name for name in ("points", "activates_at", "order_id", "created_at")
}
TIER: Mapping[str, str] = {
    "name": "name",
    "from": "points.from",
    "to": "points.to",
    "metadata": "metadata",
}
PUBLICATION: Mapping[str, str] = {
    name: name
    for name in ("customer_id", "vouchers_id", "channel", "source_id", "metadata", "created_at")
}
REDEMPTION: Mapping[str, str] = {
    name: name for name in ("object", "result", "customer_id", "amount", "date", "redemption")
}
ORDER: Mapping[str, str] = {
    name: name
    for name in ("source_id", "status", "amount", "total_amount", "customer_id", "metadata")
}
CAMPAIGN: Mapping[str, str] = {
    name: name for name in ("name", "campaign_type", "active", "description", "metadata")
}
