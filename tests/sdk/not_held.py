"""What the SDKs can read that is not to be had here, and why."""

from typing import Final

NOT_HELD: Final = frozenset(
    {
        # Work that Voucherify does on demand, of which no webhook tells.
        "/v1/async-actions",
        "/v1/async-actions/{asyncActionId}",
        "/v1/customers/{customerId}/redeemables",
        "/v1/exports",
        "/v1/exports/{exportId}",
        "/v1/exports/{export_Id}",
        "/v1/publications/create",
        "/v1/trash-bin",
        # Things that no webhook tells of, or only by mention.
        "/v1/categories",
        "/v1/categories/{categoryId}",
        "/v1/consents",
        "/v1/locations",
        "/v1/locations/{locationId}",
        "/v1/metadata-schemas",
        "/v1/metadata-schemas/{resource}",
        "/v1/product-collections",
        "/v1/product-collections/{productCollectionId}",
        "/v1/product-collections/{productCollectionId}/products",
        "/v1/products",
        "/v1/products/{productId}",
        "/v1/products/{productId}/skus",
        "/v1/skus/{skuId}",
        "/v1/templates/campaigns",
        "/v1/templates/campaigns/{campaignTemplateId}",
        # What the SDK for JavaScript asks and Voucherify no longer documents.
        "/v1/customers/{customerId}/activities",
        "/v1/loyalties/members/{memberId}/activities",
        "/v1/loyalties/{campaignId}/members/{memberId}/activities",
    }
)
"""Paths that answer 501 `not_held_locally`."""

OUTSIDE: Final = frozenset(
    {
        "/client/v1/promotions/tiers",
        "/management/v1/projects",
        "/management/v1/projects/{projectId}",
        "/management/v1/projects/{projectId}/branding",
        "/management/v1/projects/{projectId}/branding/{brandingId}",
        "/management/v1/projects/{projectId}/custom-event-schemas",
        "/management/v1/projects/{projectId}/custom-event-schemas/{customEventSchemaId}",
        "/management/v1/projects/{projectId}/metadata-schemas",
        "/management/v1/projects/{projectId}/metadata-schemas/{metadataSchemaId}",
        "/management/v1/projects/{projectId}/stacking-rules",
        "/management/v1/projects/{projectId}/stacking-rules/{stackingRulesId}",
        "/management/v1/projects/{projectId}/templates/campaigns",
        "/management/v1/projects/{projectId}/users",
        "/management/v1/projects/{projectId}/users/{userId}",
        "/management/v1/projects/{projectId}/webhooks",
        "/management/v1/projects/{projectId}/webhooks/{webhookId}",
    }
)
"""Paths of other APIs of the vendor's, with other keys; 404 here."""
