from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"csp_nonce": request.csp_nonce}
