"""Where licenses come from: each state, province and country that people may choose."""

from django.db import transaction

from accounts.models import Jurisdiction

UNITED_STATES = (
    "AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, "
    "CT Connecticut, DE Delaware, DC District of Columbia, FL Florida, GA Georgia, "
    "HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, "
    "LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, "
    "MN Minnesota, MS Mississippi, MO Missouri, MT Montana, NE Nebraska, NV Nevada, "
    "NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC North Carolina, "
    "ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, "
    "PR Puerto Rico, RI Rhode Island, SC South Carolina, SD South Dakota, "
    "TN Tennessee, TX Texas, UT Utah, VT Vermont, VI U.S. Virgin Islands, VA Virginia, "
    "WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming"
)
CANADA = (
    "AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, "
    "NL Newfoundland and Labrador, NT Northwest Territories, NS Nova Scotia, "
    "NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, "
    "YT Yukon"
)
UNITED_KINGDOM = "ENG England, NIR Northern Ireland, SCT Scotland, WLS Wales"
COUNTRIES = (
    "AU Australia, AT Austria, BE Belgium, BR Brazil, CY Cyprus, CZ Czechia, "
    "DK Denmark, FI Finland, FR France, DE Germany, GR Greece, HK Hong Kong, "
    "HU Hungary, IS Iceland, IN India, IE Ireland, IL Israel, IT Italy, JP Japan, "
    "LU Luxembourg, MY Malaysia, MT Malta, MX Mexico, NL Netherlands, "
    "NZ New Zealand, NO Norway, PH Philippines, PL Poland, PT Portugal, "
    "SG Singapore, ZA South Africa, KR South Korea, ES Spain, SE Sweden, "
    "CH Switzerland, AE United Arab Emirates"
)


@transaction.atomic
def sync_jurisdictions() -> int:
    """Create those that are missing; one that exists keeps its name. Return how many."""
    wanted = [
        *_parts("US", "United States", UNITED_STATES),
        *_parts("CA", "Canada", CANADA),
        *_parts("GB", "United Kingdom", UNITED_KINGDOM),
        *(
            Jurisdiction(code=code, name=name, country=name)
            for code, name in _pairs(COUNTRIES)
        ),
    ]
    before = Jurisdiction.objects.count()
    Jurisdiction.objects.bulk_create(wanted, ignore_conflicts=True)
    return Jurisdiction.objects.count() - before


def _parts(prefix: str, country: str, parts: str) -> list[Jurisdiction]:
    return [
        Jurisdiction(code=f"{prefix}-{code}", name=name, country=country)
        for code, name in _pairs(parts)
    ]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Read "FL Florida, GA Georgia" as pairs of code and name."""
    parts = (entry.partition(" ") for entry in text.split(", "))
    return [(code, name) for code, _space, name in parts]
