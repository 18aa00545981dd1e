"""A local Stripe: the HTTP API, the hosted pages and the webhooks, for development."""
