"""The prices that the provider publishes for programs, typed from the examples on the model's page.

The form is that of the provider's own clients (`GET https://content.runware.ai/models/<id>/pricing`).
"""

from typing import Final

PATH: Final = "/models/luma-ray3-2/pricing"

_EXAMPLES: Final = (
    ("Text/image to video . 360p . 5s", "$0.06"),
    ("Text/image to video . 540p . 5s", "$0.15"),
    ("Text/image to video . 720p . 5s", "$0.30"),
    ("Text/image to video . 1080p . 5s", "$1.20"),
    ("HDR . 720p . 5s", "$0.60"),
    ("HDR . 1080p . 5s", "$2.40"),
    ("HDR+EXR . 720p . 5s", "$0.90"),
    ("HDR+EXR . 1080p . 5s", "$3.60"),
    ("Video edit . 360p . 5s", "$0.54"),
    ("Video edit . 540p . 5s", "$0.72"),
    ("Video edit . 720p . 5s", "$1.08"),
    ("Video edit . 1080p . 5s", "$2.16"),
)


def pricing() -> dict[str, object]:
    """The answer to PATH, without the paragraph that tells the rest to people."""
    return {
        "model": "luma-ray3-2",
        "air": "luma:ray@3.2",
        "pricingOverview": "Video generation and Video Edit have different pricing.",
        "pricingExamples": [
            {"configuration": configuration, "price": price, "competitorPrice": None}
            for configuration, price in _EXAMPLES
        ],
    }
