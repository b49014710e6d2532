#!/usr/bin/env python3
"""Makes the tables of scenarios/data from their upstream files. See scenarios/data/README.md for sources and licences.

The same inputs give the same bytes: what is drawn is drawn by a hash of the AS number, never by a generator's state.
"""

import argparse
import bisect
import collections
import csv
import hashlib
import io
import itertools
import lzma
import math
import pathlib
import unicodedata

# Model choice: places below this size are not needed to put an AS or a PoP within an hour's drive of where it is.
CITY_POPULATION_MIN = 50_000

# Model choice: a PoP named for its airport belongs to the largest city in this distance (airports lie out of town).
AIRPORT_TO_CITY_KM = 70

# An AS is present in a city beyond its home when it has neighbours there. The numbers are fitted: the test
# tests/bgp/test_inflation.cpp says what round-trip times they give and how these compare with measured ones.
CUSTOMERS_FOR_PRESENCE = 1      # customers in a country before the AS is present there
NEIGHBORS_FOR_PRESENCE = 20     # else: customers and weighted peers
PEER_WEIGHT = 0.1               # of a peer in these counts: peers are met at exchanges abroad more often than at home
NEIGHBORS_PER_FURTHER_CITY = 10 # neighbours in one country per further city of that country
PEERS_OF_A_CONTENT_NETWORK = 10 # an AS without customers and with so many peers is treated like a transit AS

# An AS buys from a provider near by: where a provider has few cities in the country, the customer's home is drawn with
# a weight that falls with the distance to one of them.
FEW_CITIES = 3
NEAR_KM = 100

# Of a country's interconnection cities an AS goes to a large one that is not far from its home: their weight is halved
# at this distance. Model choice, of the size of a European country: European networks meet American ones on the east
# coast, and a network of Maryland buys transit in Washington.
REACH_KM = 1000

EARTH_RADIUS_KM = 6371.0088


def open_text(path):
    path = pathlib.Path(path)
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="")
    return open(path, encoding="utf-8", newline="")


def read_rows(path):
    with open_text(path) as stream:
        return list(csv.DictReader(stream))


def distance_km(a, b):
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (a[0], a[1], b[0], b[1]))
    h = (math.sin((lat_b - lat_a) / 2) ** 2
         + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2)
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def without_accents(name):
    special = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "đ": "d",
                             "Đ": "D", "ı": "i", "ə": "a", "Ə": "A", "’": "'", "‘": "'", "ʼ": "'"})
    plain = unicodedata.normalize("NFKD", name.translate(special))
    return "".join(c for c in plain if not unicodedata.combining(c))


def short_form(name):
    """What people call "Frankfurt am Main", "New York City", "Washington, D.C." and "Frankfurt (Oder)"."""
    for mark in (" am ", " an der ", " im ", " upon ", " (", ", "):
        if mark in name:
            return name.split(mark)[0]
    return name.removesuffix(" City")


def aliases_of(name):
    spellings = {without_accents(name), short_form(name), without_accents(short_form(name))} - {name}
    return sorted(spelling for spelling in spellings if spelling.isprintable() and len(spelling) > 2)


def fraction(text):
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def pick(choices, text):
    return choices[int(fraction(text) * len(choices))]


class Cities:
    """The cities shipped, most populous first."""

    def __init__(self, rows):
        largest = {}
        for row in rows:
            largest.setdefault(row["cc"], row["geonameid"])  # the file is sorted by population
        self.rows = [row for row in rows if int(row["population"]) >= CITY_POPULATION_MIN
                     or row["feature_code"] == "PPLC" or largest[row["cc"]] == row["geonameid"]]
        self.rows.sort(key=lambda row: (-int(row["population"]), int(row["geonameid"])))
        self.places = [(float(row["lat"]), float(row["lon"])) for row in self.rows]
        self.in_country = collections.defaultdict(list)
        self.cumulative = {}  # weights up to each city of a country, by country and what is near
        for index, row in enumerate(self.rows):
            self.in_country[row["cc"]].append(index)

    def stand_in_for_countries_without(self, airports):
        """Gives a country that has no city in the table the city nearest to its first airport."""
        for row in airports:
            if row["cc"] and row["cc"] not in self.in_country:
                place = (float(row["lat"]), float(row["lon"]))
                nearest = min(range(len(self.places)), key=lambda i: (distance_km(place, self.places[i]), i))
                self.in_country[row["cc"]].append(nearest)

    def draw(self, cc, asn, near=None):
        """A city of the country, likelier the more people it has and the nearer it is to `near`; fixed for the AS."""
        if (cc, near) not in self.cumulative:
            weights = (max(1, int(self.rows[i]["population"])) * self.nearness(i, near) for i in self.in_country[cc])
            self.cumulative[cc, near] = list(itertools.accumulate(weights))
        cumulative = self.cumulative[cc, near]
        point = fraction(f"home of AS{asn}") * cumulative[-1]
        at = min(bisect.bisect_right(cumulative, point), len(cumulative) - 1)
        return self.in_country[cc][at]

    def nearness(self, city, near):
        if near is None:
            return 1
        return 1 / (1 + (distance_km(self.places[city], self.places[near]) / NEAR_KM) ** 2)

    def of_airport(self, place, cc):
        """The largest city near an airport, in its country when there is one."""
        near = [i for i, there in enumerate(self.places)
                if abs(there[0] - place[0]) < 1 and distance_km(place, there) <= AIRPORT_TO_CITY_KM]
        at_home = [i for i in near if self.rows[i]["cc"] == cc]
        return min(at_home or near, default=None)

    def capital(self, cc):
        indices = self.in_country[cc]
        return next((i for i in indices if self.rows[i]["feature_code"] == "PPLC"), indices[0])


def interconnection_cities(cities, pops):
    """For every country the cities with CDN and cloud providers; and how many are there, by city.

    Where many of them have a PoP is where networks meet; a country without any PoP has its capital.
    """
    providers = collections.defaultdict(set)
    for row in pops:
        city = cities.of_airport((float(row["lat"]), float(row["lon"])), row["cc"])
        if city is not None:
            providers[city].add(row["provider"])
    meeting = {cc: [i for i in indices if i in providers] or [cities.capital(cc)]
               for cc, indices in cities.in_country.items()}
    return meeting, {city: len(names) for city, names in providers.items()}


class Interconnection:
    """The interconnection cities of a country as an AS with a given home sees them."""

    def __init__(self, cities, pops):
        self.cities = cities
        self.meeting, self.providers = interconnection_cities(cities, pops)
        self.ranked = {}

    def order(self, home, cc):
        """The most attractive first: many providers, near home."""
        if (home, cc) not in self.ranked:
            here = self.cities.places[home]
            def attraction(city):
                return self.providers.get(city, 1) / (1 + distance_km(here, self.cities.places[city]) / REACH_KM)
            self.ranked[home, cc] = sorted(self.meeting[cc], key=lambda i: (-attraction(i), i))
        return self.ranked[home, cc]


def read_neighbors(path):
    customers, peers = collections.defaultdict(set), collections.defaultdict(set)
    with open_text(path) as stream:
        for line in stream:
            if line.startswith("#"):
                continue
            a, b, relation = line.split("|")[:3]
            a, b = int(a), int(b)
            if int(relation) == -1:
                customers[a].add(b)
            else:
                peers[a].add(b)
                peers[b].add(a)
    return customers, peers


def presence(cities, interconnection, home, country, customers, peers):
    """Cities in which an AS with these neighbours can hand over traffic; its home comes first."""
    customers_in = collections.Counter(country.get(neighbor) for neighbor in customers)
    peers_in = collections.Counter(country.get(neighbor) for neighbor in peers)
    found = [home]
    home_country = cities.rows[home]["cc"]
    for cc in sorted(cc for cc in customers_in | peers_in if cc in interconnection.meeting):
        weight = customers_in[cc] + PEER_WEIGHT * peers_in[cc]
        if cc == home_country or customers_in[cc] >= CUSTOMERS_FOR_PRESENCE or weight >= NEIGHBORS_FOR_PRESENCE:
            count = 1 + int(weight / NEIGHBORS_PER_FURTHER_CITY)
            found.extend(city for city in interconnection.order(home, cc)[:count] if city not in found)
    return found


def downwards(numbers, customers, providers):
    """The ASes in an order in which each comes after its providers."""
    left = {asn: len(providers[asn]) for asn in numbers}
    ready = [asn for asn in numbers if left[asn] == 0]
    for asn in ready:  # grows while it is walked
        yield asn
        for customer in sorted(customers[asn]):
            left[customer] -= 1
            if left[customer] == 0:
                ready.append(customer)


def place_systems(cities, interconnection, country, customers, peers):
    """The cities of every AS whose country is known."""
    providers = collections.defaultdict(set)
    for provider, its_customers in customers.items():
        for customer in its_customers:
            providers[customer].add(provider)
    cities_of = {}
    for asn in downwards(sorted(country), customers, providers):
        cc = country[asn]
        if cc not in cities.in_country:
            continue
        regional = []
        for provider in sorted(providers[asn]):
            at_home = [i for i in cities_of.get(provider, []) if cities.rows[i]["cc"] == cc]
            if 0 < len(at_home) <= FEW_CITIES:
                regional.append(at_home)
        near = pick(pick(regional, f"provider near AS{asn}"), f"city near AS{asn}") if regional else None
        home = cities.draw(cc, asn, near)
        meets = customers[asn] or len(peers[asn]) >= PEERS_OF_A_CONTENT_NETWORK
        cities_of[asn] = presence(cities, interconnection, home, country, customers[asn], peers[asn]) if meets else [home]
    return cities_of


def write(path, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
    writer.writerow(header)
    writer.writerows(rows)
    data = text.getvalue().encode()
    if path.suffix == ".xz":
        data = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    path.write_bytes(data)
    print(f"{path.name}: {len(data)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", required=True,
                        help="GeoNames cities: geonameid,name,cc,admin1,lat,lon,population,feature_code")
    parser.add_argument("--airports", required=True, help="OurAirports: iata,...,cc,lat,lon,size,scheduled")
    parser.add_argument("--countries", required=True, help="cc,...,name,region,...,internet_users")
    parser.add_argument("--pops", required=True, help="PoPs of CDNs: provider,iata,city,cc,lat,lon")
    parser.add_argument("--as-meta", required=True, help="asn,cc,...,kind,...,users_est,...")
    parser.add_argument("--as-rel", required=True, help="AS relationships, CAIDA serial-1 format")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for the tables")
    arguments = parser.parse_args()

    cities = Cities(read_rows(arguments.cities))
    airports = read_rows(arguments.airports)
    cities.stand_in_for_countries_without(airports)
    interconnection = Interconnection(cities, read_rows(arguments.pops))
    customers, peers = read_neighbors(arguments.as_rel)
    systems = read_rows(arguments.as_meta)
    country = {int(row["asn"]): row["cc"] for row in systems}

    write(arguments.out / "cities.csv",
          ["geonameid", "name", "country", "lat", "lon", "population", "providers", "aliases"],
          [[row["geonameid"], row["name"].replace(",", ""), row["cc"], row["lat"], row["lon"], row["population"],
            interconnection.providers.get(index, 0), "|".join(alias.replace(",", "") for alias in aliases_of(row["name"]))]
           for index, row in enumerate(cities.rows)])
    write(arguments.out / "airports.csv", ["iata", "country", "lat", "lon"],
          sorted([row["iata"], row["cc"], row["lat"], row["lon"]] for row in airports
                 if row["size"] == "large" or row["scheduled"] == "yes"))
    write(arguments.out / "countries.csv", ["country", "name", "region", "internet_users"],
          sorted([row["cc"], row["name"].replace(",", ""), row["region"], row["internet_users"] or "0"]
                 for row in read_rows(arguments.countries)))

    cities_of = place_systems(cities, interconnection, country, customers, peers)
    rows = [[asn, row["cc"], row["kind"], row["users_est"] or "0",
             ";".join(cities.rows[i]["geonameid"] for i in cities_of.get(asn, []))]
            for asn, row in sorted((int(row["asn"]), row) for row in systems)]
    write(arguments.out / "as-places.csv.xz", ["asn", "country", "kind", "users", "cities"], rows)


if __name__ == "__main__":
    main()
