"""Writes the data files of package holidays from the Python package of that name:

    python internal/calendar/holidays/generate/generate.py [FOLDER]

A day off is a working day of the week on which courts or public offices of a region are closed. Saturdays and Sundays
are left out, because every computed period passes over them anyway. Anything unexpected in the Python package ends the
program before a file is written.
"""

import hashlib
import io
import pathlib
import re
import sys
import warnings
import zipfile
from datetime import date, timedelta

import holidays
from dateutil.easter import easter

FIRST, LAST = 2000, 2100
YEARS = range(FIRST, LAST + 1)
EPOCH = date(FIRST, 1, 1)
DAY = timedelta(days=1)



def fixed(month, day):
    """Returns the rule of a day that has the same date every year."""
    return lambda year: date(year, month, day)


def whit_monday(year):
    return easter(year) + 50 * DAY


def corpus_christi(year):
    return easter(year) + 60 * DAY


# The categories of days on which public offices close. "optional" days are those that the state grants its servants,
# for example Carnival in Brazil.
CATEGORIES = {"public", "government", "optional"}
# Further categories of one country, each with the reason.
ADDED_CATEGORIES = {
    "AT": {"bank"},  # Good Friday: ZPO section 126(2)
    "DE": {"catholic"},  # Assumption in most municipalities of Bavaria: papers name no municipality
    "JP": {"bank"},  # the turn of the year: Code of Civil Procedure art. 95(3)
    "LI": {"bank"},  # Good Friday
    "SE": {"de_facto"},  # the eves of Midsummer, Christmas and New Year: Act 1930:173, section 2
}
# Categories that do not close an office in one country, each with the reason.
DROPPED_CATEGORIES = {
    "IN": {"optional", "optional_women"},  # restricted holidays: each servant chooses two
    "SE": {"optional"},  # bridging days and afternoons
    "TW": {"optional"},  # the armed forces only
}
# Days that the Python package lacks, by country or region; each is a rule that gives the day of a year, or None. Those
# without a statute are known to github.com/rickar/cal/v2 v2.1.26. Many of the Swiss ones are kept in some
# municipalities of the canton only; they count for the canton, because papers name no municipality.
ADDED_DAYS = {
    "CA": [lambda y: easter(y) + DAY],  # Interpretation Act, R.S.C. 1985, c. I-21, s. 35: "holiday"
    "IS": [fixed(12, 24), fixed(12, 31)],  # from 13:00
    "JP": [fixed(12, 29), fixed(12, 30)],  # Code of Civil Procedure art. 95(3)
    # Days on which the federal courts do not sit, beside the Mondays on which they are kept.
    "MX": [fixed(2, 5), fixed(3, 21), fixed(11, 20)],
    # Proclaimed in 2011, 2016 and 2022, when the Day of Goodwill took the Monday after Christmas.
    "ZA": [lambda y: date(y, 12, 27) if date(y, 12, 25).weekday() == 6 else None],
    # The Monday after an ANZAC Day on a weekend.
    "AU-ACT": [lambda y: {5: date(y, 4, 27), 6: date(y, 4, 26)}.get(date(y, 4, 25).weekday())],
    "AU-SA": [lambda y: date(y, 4, 26) if date(y, 4, 25).weekday() == 6 else None],
    "CH-AI": [fixed(12, 26)],
    "CH-AR": [fixed(12, 26)],
    "CH-BL": [corpus_christi, fixed(8, 15)],
    "CH-FR": [corpus_christi, fixed(5, 1), fixed(8, 15), fixed(11, 1)],
    "CH-GE": [corpus_christi],
    "CH-GR": [corpus_christi, fixed(1, 6), fixed(3, 19), fixed(8, 15), fixed(11, 1), fixed(12, 8)],
    "CH-LU": [fixed(3, 19)],
    "CH-SO": [corpus_christi, whit_monday, fixed(5, 1), fixed(8, 15), fixed(11, 1), fixed(12, 26)],
    "CH-UR": [fixed(12, 26)],
}

# Towns with holidays of their own. They count for the whole region, because papers name no town.
TOWNS = {
    ("BR", "São Paulo Capital"): "SP", ("CH", "Stadt Zurich"): "ZH", ("DE", "Augsburg"): "BY",
    ("ES", "Barcelona"): "CT", ("IT", "Andria"): "BT", ("IT", "Barletta"): "BT", ("IT", "Trani"): "BT",
    ("IT", "Cesena"): "FC", ("IT", "Forli"): "FC", ("IT", "Pesaro"): "PU", ("IT", "Urbino"): "PU",
    ("NZ", "South Canterbury"): "CAN",
}
# Divisions that matter to schools only.
SCHOOLS = {"AU": {"NSW Western"}, "BE": {"Flemish", "French", "German"}, "FR": {"Zone A", "Zone B", "Zone C"},
           "NL": {"Midden", "Noord", "Zuid"}}

HALF_DAY = re.compile(r"\((from|until|till|afternoon|morning|half)", re.IGNORECASE)
ESTIMATED = re.compile(r"\([^)]*estimated[^)]*\)")
MARKS = re.compile(r" *\([^)]*\)| \[[^]]*\]")
CODE = re.compile("[A-Z0-9]{1,3}")


def categories(country, cls):
    wanted = CATEGORIES | ADDED_CATEGORIES.get(country, set())
    return sorted((wanted & set(cls.supported_categories)) - DROPPED_CATEGORIES.get(country, set()))


def read(country, division):
    """Returns the days off of a country or one of its divisions, and for each holiday the years in which it occurs."""
    cls = type(holidays.country_holidays(country))
    language = "en_US" if "en_US" in cls.supported_languages else None
    found = holidays.country_holidays(country, subdiv=division, years=YEARS, language=language,
                                      categories=categories(country, cls))
    days, years = set(), {}
    for day in list(found):
        names = [n for n in found.get_list(day) if not HALF_DAY.search(n)]
        if not names or not FIRST <= day.year <= LAST:
            continue
        days.add(day)
        # The moon is sighted, not computed: the day before or after an estimated one may be the holiday.
        if any(ESTIMATED.search(n) for n in names):
            days.update({day - DAY, day + DAY})
        for name in names:
            years.setdefault(MARKS.sub("", name), set()).add(day.year)
    for rule in ADDED_DAYS.get(f"{country}-{division}" if division else country, []):
        days.update(day for day in map(rule, YEARS) if day)
    return days, years


def known(country, years):
    """Returns the years of which the package knows every holiday, 0 and 0 where it knows none.

    Tables of lunar calendars end before 2100: there a holiday that came every year stops. Nobody stops one by law yet.
    """
    if not years:
        return 0, 0
    cls = type(holidays.country_holidays(country))
    all_years = set().union(*years.values())
    first, last = max(min(all_years), FIRST), min(max(all_years), LAST, cls.end_year)
    this_year = 2026
    for occurs in years.values():
        end = max(occurs)
        if this_year <= end < last and {end - 2, end - 1} <= occurs:
            last = end
    return first, last


def weekend(country):
    """Returns the days of a weekend that does not consist of Saturday and Sunday alone."""
    calendar = holidays.country_holidays(country)
    day, days = EPOCH, set()
    while day.year <= LAST:
        if day.weekday() < 5 and calendar.is_weekend(day):
            days.add(day)
        day += DAY
    return days


def regions(country, divisions):
    """Returns code, first and last known year and days of the country ("") and of each region, in order."""
    free = weekend(country)
    nation, years = read(country, None)
    # A court of the nation keeps the nation's holidays wherever it sits.
    found = {"": (*known(country, years), nation | free)}
    town_days = {}
    for division in divisions:
        if division in SCHOOLS.get(country, set()):
            continue
        days, years = read(country, division)
        if (country, division) in TOWNS:
            town_days.setdefault(TOWNS[country, division], set()).update(days)
            continue
        if not CODE.fullmatch(division):
            raise SystemExit(f"{country}: {division} is neither a region nor a known town")
        found[division] = (*known(country, years), nation | days | free)
    for region, days in town_days.items():
        first, last, more = found[region]
        found[region] = (first, last, more | days)
    return {code: (first, last, sorted(d for d in days if d.weekday() < 5 and FIRST <= d.year <= LAST))
            for code, (first, last, days) in sorted(found.items())}


def uvarint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def encode(found):
    """Packs one country: for each region its code, its years and its days, each day as the distance from the last."""
    out = bytearray()
    for code, (first, last, days) in found.items():
        out += uvarint(len(code)) + code.encode() + uvarint(first) + uvarint(last) + uvarint(len(days))
        previous = 0
        for day in days:
            number = (day - EPOCH).days
            out += uvarint(number - previous)
            previous = number
    return bytes(out)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "internal/calendar/holidays")
    warnings.simplefilter("ignore")
    archive, digests = io.BytesIO(), []
    countries = holidays.utils.list_supported_countries(include_aliases=False)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for country, divisions in sorted(countries.items()):
            found = regions(country, divisions)
            packed.writestr(zipfile.ZipInfo(country, (1980, 1, 1, 0, 0, 0)), encode(found), zipfile.ZIP_DEFLATED, 9)
            for code, (first, last, days) in found.items():
                text = "".join(f"{d.isoformat()}\n" for d in days)
                name = f"{country}-{code}" if code else country
                digests.append(f"{name}\t{first}\t{last}\t{len(days)}\t{hashlib.sha256(text.encode()).hexdigest()}\n")
    (folder / "days.zip").write_bytes(archive.getvalue())
    (folder / "VERSION").write_text(holidays.__version__ + "\n")
    (folder / "testdata" / "digests.txt").write_text("".join(digests))


if __name__ == "__main__":
    main()
