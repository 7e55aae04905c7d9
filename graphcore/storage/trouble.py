"""What went wrong with a store, in words: each library below has exceptions of its own, and few are OSErrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graphcore.errors import DatasetError, GraphcoreError

# Modules whose exceptions are about a store, or the way to it.
_LIBRARIES = ("botocore", "aiobotocore", "s3fs", "gcsfs", "fsspec", "aiohttp", "google", "requests", "urllib3")

_CREDENTIALS = (
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
    *("TokenRetrievalError", "SSOError", "DefaultCredentialsError", "RefreshError", "NoAuthTokenError"),
)
_NO_WAY = (
    *("EndpointConnectionError", "ConnectionError", "HTTPClientError", "ClientConnectionError", "ClientPayloadError"),
    *("ConnectTimeoutError", "ReadTimeoutError", "TimeoutError", "FSTimeoutError", "TransportError"),
)

_GIVE_CREDENTIALS = (
    "For s3:// set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE; for gs:// run "
    "'gcloud auth application-default login'."
)
_TRY_AGAIN = "Check the network and, for s3://, AWS_ENDPOINT_URL; then run the command again, it goes on."


@contextmanager
def explaining(address: object = "") -> Iterator[None]:
    """Puts what a store raises in the block into words; other errors pass.

    Args:
        address: what was being read or written.

    Raises:
        DatasetError: the store is out of reach, does not know us, or refuses.
    """
    try:
        yield
    except Exception as error:
        told = explain(error, address)
        if told is None:
            raise
        raise told from error


def explain(error: BaseException, address: object = "") -> DatasetError | None:
    """What a store's exception means and what to do; None for an exception of anything else.

    Args:
        error: what was raised.
        address: what was being read or written; "" where that is not known.
    """
    if isinstance(error, GraphcoreError) or not _is_stores(error):  # ours are in words already
        return None
    where = str(address) or "A remote address"
    kinds = {kind.__name__ for kind in type(error).__mro__}
    said = _first_line(error)
    if kinds & set(_CREDENTIALS):
        return DatasetError(f"{where}: there are no credentials to use ({said}).", next_step=_GIVE_CREDENTIALS)
    if is_denied(error):
        return DatasetError(
            f"{where}: access is denied ({said}).",
            next_step="Check which credentials are in use and what they may do there: list, read, write, delete.",
        )
    if is_missing_bucket(error):
        return DatasetError(f"{where}: there is no such bucket.", next_step="Correct the address, or make the bucket.")
    if isinstance(error, FileNotFoundError):
        return DatasetError(f"{where} does not exist.", next_step="Correct the address, or upload what is missing.")
    if kinds & set(_NO_WAY):
        return DatasetError(f"{where} cannot be reached ({said}).", next_step=_TRY_AGAIN)
    return DatasetError(f"{where}: the store refused ({said}).", next_step="Mend that and run the command again.")


def is_missing_bucket(error: BaseException) -> bool:
    """Whether an exception says that the bucket, not just the file, is missing."""
    response = getattr(error.__cause__, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code == "NoSuchBucket" or "bucket does not exist" in str(error).lower()


def is_denied(error: BaseException) -> bool:
    """Whether an exception says that we may not."""
    # Source: gcsfs.retry.validate_response, which has no exception of its own for it.
    return isinstance(error, PermissionError) or (type(error) is OSError and str(error).startswith("Forbidden: "))


def _is_stores(error: BaseException) -> bool:
    if any(_is_library(one) for one in (error, error.__cause__)) or isinstance(error, TimeoutError):
        return True
    # What s3fs raises by itself has no number; the system's own errors do.
    return (isinstance(error, FileNotFoundError) or is_denied(error)) and getattr(error, "errno", 0) is None


def _is_library(error: BaseException | None) -> bool:
    return type(error).__module__.partition(".")[0] in _LIBRARIES


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
