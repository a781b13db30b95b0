"""The methods of Voucherify's SDK for JavaScript that read: which path each asks, and with what.

The SDK does not tell paths, and names its methods by hand; so this is written by hand, too.
"""

from typing import Final, NamedTuple


class Method(NamedTuple):
    """A method with one of its paths; its arguments by the names of the path's parameters."""

    name: str
    path: str
    arguments: tuple[str | None, ...] = ()


QUERY: Final = "?"
"""The argument that takes the parameters of the query string."""

SCROLL: Final = "customers.scroll"
"""Asks page after page and returns no list."""

_ONE_MEMBER: Final = "/v1/loyalties/members/{memberId}"
_MEMBER: Final = "/v1/loyalties/{campaignId}/members/{memberId}"
_PROGRAMME: Final = "/v1/loyalties/{campaignId}"
_TIER: Final = "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}"
_REWARD: Final = "/v1/rewards/{rewardId}"

METHODS: Final = (
    Method("vouchers.get", "/v1/vouchers/{code}", ("code",)),
    Method("vouchers.list", "/v1/vouchers", (QUERY,)),
    Method("vouchers.listTransactions", "/v1/vouchers/{code}/transactions", ("code", QUERY)),
    Method("campaigns.get", "/v1/campaigns/{campaignId}", ("campaignId",)),
    Method("campaigns.list", "/v1/campaigns", (QUERY,)),
    Method("distributions.publications.list", "/v1/publications", (QUERY,)),
    Method("redemptions.get", "/v1/redemptions/{redemptionId}", ("redemptionId",)),
    Method("redemptions.list", "/v1/redemptions", (QUERY,)),
    Method("redemptions.getForVoucher", "/v1/vouchers/{code}/redemption", ("code",)),
    Method("customers.get", "/v1/customers/{customerId}", ("customerId",)),
    Method("customers.list", "/v1/customers", (QUERY,)),
    Method("customers.listActivity", "/v1/customers/{customerId}/activity", ("customerId", QUERY)),
    Method("orders.get", "/v1/orders/{orderId}", ("orderId",)),
    Method("orders.list", "/v1/orders", (QUERY,)),
    Method("promotions.tiers.listAll", "/v1/promotions/tiers", (QUERY,)),
    Method("promotions.tiers.list", "/v1/promotions/{campaignId}/tiers", ("campaignId",)),
    Method("promotions.tiers.get", "/v1/promotions/tiers/{promotionTierId}", ("promotionTierId",)),
    Method("promotions.stack.list", "/v1/promotions/stacks", (QUERY,)),
    Method(
        "promotions.stack.listInCampaign", "/v1/promotions/{campaignId}/stacks", ("campaignId",)
    ),
    Method(
        "promotions.stack.get",
        "/v1/promotions/{campaignId}/stacks/{stackId}",
        ("campaignId", "stackId"),
    ),
    Method("rewards.list", "/v1/rewards", (QUERY,)),
    Method("rewards.get", _REWARD, ("rewardId",)),
    Method("rewards.listAssignments", f"{_REWARD}/assignments", ("rewardId", QUERY)),
    Method(
        "rewards.getAssignment",
        f"{_REWARD}/assignments/{{assignmentId}}",
        ("rewardId", "assignmentId"),
    ),
    Method("loyalties.list", "/v1/loyalties", (QUERY,)),
    Method("loyalties.get", _PROGRAMME, ("campaignId",)),
    Method("loyalties.listMembers", f"{_PROGRAMME}/members", ("campaignId", QUERY)),
    Method("loyalties.getMember", _ONE_MEMBER, (None, "memberId")),
    Method("loyalties.getMember", _MEMBER, ("campaignId", "memberId")),
    Method("loyalties.listMemberActivity", f"{_ONE_MEMBER}/activity", (None, "memberId", QUERY)),
    Method(
        "loyalties.listMemberActivity", f"{_MEMBER}/activity", ("campaignId", "memberId", QUERY)
    ),
    Method("loyalties.listMemberRewards", f"{_ONE_MEMBER}/rewards", ("memberId", QUERY)),
    Method(
        "loyalties.listCardTransactions",
        f"{_ONE_MEMBER}/transactions",
        ("memberId", None, QUERY),
    ),
    Method(
        "loyalties.listCardTransactions",
        f"{_MEMBER}/transactions",
        ("memberId", "campaignId", QUERY),
    ),
    Method("loyalties.listMemberLoyaltyTiers", f"{_ONE_MEMBER}/tiers", ("memberId",)),
    Method(
        "loyalties.getPointsExpiration",
        f"{_MEMBER}/points-expiration",
        ("campaignId", "memberId", QUERY),
    ),
    Method("loyalties.listTiers", f"{_PROGRAMME}/tiers", ("campaignId", QUERY)),
    Method("loyalties.getTier", _TIER, ("campaignId", "loyaltyTierId")),
    Method(
        "loyalties.listLoyaltyTierEarningRules",
        f"{_TIER}/earning-rules",
        ("campaignId", "loyaltyTierId", QUERY),
    ),
    Method("loyalties.listLoyaltyTierRewards", f"{_TIER}/rewards", ("campaignId", "loyaltyTierId")),
    Method("loyalties.listEarningRules", f"{_PROGRAMME}/earning-rules", ("campaignId", QUERY)),
    Method(
        "loyalties.getEarningRule",
        f"{_PROGRAMME}/earning-rules/{{earningRuleId}}",
        ("campaignId", "earningRuleId"),
    ),
    Method("loyalties.listRewardAssignments", f"{_PROGRAMME}/rewards", ("campaignId", QUERY)),
    Method(
        "loyalties.getRewardAssignment",
        f"{_PROGRAMME}/rewards/{{assignmentId}}",
        ("campaignId", "assignmentId"),
    ),
    Method(
        "loyalties.getRewardDetails",
        f"{_PROGRAMME}/reward-assignments/{{assignmentId}}/reward",
        ("campaignId", "assignmentId"),
    ),
    Method("segments.get", "/v1/segments/{segmentId}", ("segmentId",)),
    Method("segments.list", "/v1/customers/{customerId}/segments", ("customerId",)),
    Method("validationRules.list", "/v1/validation-rules", (QUERY,)),
    Method("validationRules.get", "/v1/validation-rules/{validationRuleId}", ("validationRuleId",)),
    Method(
        "validationRules.listAssignments",
        "/v1/validation-rules/{validationRuleId}/assignments",
        ("validationRuleId", QUERY),
    ),
    Method("validationRules.listRulesAssignments", "/v1/validation-rules-assignments", (QUERY,)),
    # What is not held.
    Method("asyncActions.list", "/v1/async-actions", (QUERY,)),
    Method("asyncActions.get", "/v1/async-actions/{asyncActionId}", ("asyncActionId",)),
    Method("categories.list", "/v1/categories", (QUERY,)),
    Method("categories.get", "/v1/categories/{categoryId}", ("categoryId",)),
    Method("consents.list", "/v1/consents"),
    Method("customers.listActivities", "/v1/customers/{customerId}/activities", ("customerId",)),
    Method("customers.listRedeemables", "/v1/customers/{customerId}/redeemables", ("customerId",)),
    Method("distributions.exports.list", "/v1/exports", (QUERY,)),
    Method("distributions.exports.get", "/v1/exports/{exportId}", ("exportId",)),
    Method("loyalties.getMemberActivities", f"{_ONE_MEMBER}/activities", (None, "memberId")),
    Method("loyalties.getMemberActivities", f"{_MEMBER}/activities", ("campaignId", "memberId")),
    Method("metadataSchemas.list", "/v1/metadata-schemas"),
    Method("metadataSchemas.get", "/v1/metadata-schemas/{resource}", ("resource",)),
    Method("products.list", "/v1/products", (QUERY,)),
    Method("products.get", "/v1/products/{productId}", ("productId",)),
    Method("products.listSkus", "/v1/products/{productId}/skus", ("productId",)),
    Method("products.getSku", "/v1/skus/{skuId}", ("skuId",)),
    Method("productCollections.list", "/v1/product-collections", (QUERY,)),
    Method(
        "productCollections.get",
        "/v1/product-collections/{productCollectionId}",
        ("productCollectionId",),
    ),
    Method(
        "productCollections.listProducts",
        "/v1/product-collections/{productCollectionId}/products",
        ("productCollectionId", QUERY),
    ),
)
