from tools.stripe_sandbox.forms import Json

REQUEST_ERROR = "invalid_request_error"


class StripeProblem(Exception):  # noqa: N818 - it is an answer, not a defect
    """An answer other than 2xx, in the words of Stripe's error envelope."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = REQUEST_ERROR,
        code: str | None = None,
        param: str | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.extra = extra or {}

    def envelope(self) -> Json:
        """Return the body that the SDK turns into its exceptions."""
        error: Json = {"message": str(self), "type": self.kind, **self.extra}
        if self.code:
            error["code"] = self.code
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(kind: str, object_id: str, *, param: str = "id") -> StripeProblem:
    """Return Stripe's 404 for an id that nothing has."""
    label = kind.replace(".", " ").replace("_", " ")
    return StripeProblem(
        f"No such {label}: '{object_id}'",
        status=404,
        code="resource_missing",
        param=param,
    )


def declined(message: str, *, decline_code: str) -> StripeProblem:
    """Return Stripe's 402 for a card that was refused."""
    return StripeProblem(
        message,
        status=402,
        kind="card_error",
        code="card_declined",
        extra={"decline_code": decline_code},
    )
