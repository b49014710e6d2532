#!/usr/bin/env python3
"""Writes scenarios/anycast-tfo.fb.json from the shipped data and a list of CDN sites.

usage: make_anycast_scenario.py SCENARIOS_DATA POPS_CSV > scenarios/anycast-tfo.fb.json

POPS_CSV is the Cloudflare colo list of Netrvin/cloudflare-colo-list (MIT), columns colo, city, region, cc, lat, lon.
One client group per country, for the countries with the most Internet users; its AS is the one with the most estimated
users there that the shipped graph knows; sessions and population are in proportion to the country's Internet users. Every site
buys from the same global carriers and peers with some of the access networks nearest to it.
"""

import csv
import hashlib
import json
import lzma
import math
import sys

# By airport.
SITES = ["AMS", "FRA", "LHR", "CDG", "MAD", "MXP", "WAW", "ARN", "IST", "DXB", "JNB", "LOS", "NBO", "CAI", "BOM", "DEL", "SIN", "HKG",
         "NRT", "ICN", "SYD", "IAD", "ORD", "DFW", "LAX", "SEA", "MIA", "YYZ", "GRU", "EZE", "SCL", "BOG", "QRO", "CGK", "MNL", "BKK"]
# Bought everywhere, so that a carrier's customers reach the site nearest to where they enter it.
CARRIERS = [174, 1299, 2914, 3257, 3356]
COUNTRIES = 72
SESSIONS_PER_SECOND = 120.0
CLIENTS = 1200
PEERING_SHARE = 0.37  # of access networks reached directly: measured for a hyperscaler in 2017, see scenarios/data/README.md
BROWSERS = ["US", "IN", "DE"]  # a second group each, as large: browsers do not use Fast Open today (Chromium dropped its flag, Firefox its code)
ORIGINS = [("us-east", [39.04, -77.49]), ("eu-west", "Dublin"), ("ap-southeast", "Singapore")]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_graph(data):
    """The set of all ASes."""
    systems = set()
    with lzma.open(f"{data}/internet-2018.as-rel.txt.xz", "rt") as file:
        for line in file:
            if line.startswith("#"):
                continue
            systems.update(int(asn) for asn in line.split("|")[:2])
    return systems


def read_places(data, systems):
    cities = {row["geonameid"]: (float(row["lat"]), float(row["lon"])) for row in read(f"{data}/cities.csv")}
    places = {}
    with lzma.open(f"{data}/as-places.csv.xz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            home = cities.get(row["cities"].split(";")[0])
            if int(row["asn"]) in systems and home:
                places[int(row["asn"])] = {"country": row["country"], "users": int(row["users"]), "home": home}
    return places


def distance(a, b):
    """Great circle, as the chord of the unit sphere: only the order matters."""
    to_xyz = lambda p: (math.cos(math.radians(p[0])) * math.cos(math.radians(p[1])),
                        math.cos(math.radians(p[0])) * math.sin(math.radians(p[1])), math.sin(math.radians(p[0])))
    return math.dist(to_xyz(a), to_xyz(b))


def choose_peers(pops, clients, places):
    """An access network peers with the CDN at the site nearest to its home, or not at all: by a hash of its number."""
    for asn in clients:
        if hashlib.sha256(str(asn).encode()).digest()[0] >= PEERING_SHARE * 256:
            continue
        site = min(pops, key=lambda pop: (distance(places[asn]["home"], pop["at"]), pop["id"]))
        if asn not in site["upstreams"]:
            site.setdefault("peers", []).append(asn)


def main():
    data, pops_file = sys.argv[1:3]
    systems = read_graph(data)
    places = read_places(data, systems)
    asn_of = {}
    for asn, place in sorted(places.items()):
        if place["users"] > places.get(asn_of.get(place["country"]), {"users": 0})["users"]:
            asn_of[place["country"]] = asn
    countries = [c for c in read(f"{data}/countries.csv") if c["internet_users"] and c["country"] in asn_of]
    countries.sort(key=lambda c: -int(c["internet_users"]))
    countries = countries[:COUNTRIES]
    total = sum(int(c["internet_users"]) for c in countries)
    sites = {row["colo"]: row for row in read(pops_file)}

    pops = [{"id": s.lower(), "at": [round(float(sites[s]["lat"]), 2), round(float(sites[s]["lon"]), 2)],
             "upstreams": CARRIERS} for s in SITES]
    missing = [carrier for carrier in CARRIERS if carrier not in systems]
    if missing:
        sys.exit(f"not in the graph: {missing}")
    choose_peers(pops, [asn_of[c["country"]] for c in countries], places)
    clients = []
    for country in countries:
        share = int(country["internet_users"]) / total
        group = {
            "id": country["country"].lower(), "region": country["region"], "country": country["country"],
            "asn": asn_of[country["country"]], "population": max(3, round(CLIENTS * share)),
            "sessions": f"{max(0.05, SESSIONS_PER_SECOND * share):.2f}/s",
            "access": {"delay": {"dist": "lognormal", "median": "6ms", "sigma": 0.8}, "down": "50Mbps", "up": "10Mbps",
                       "queue": "256KB"},
            "tfo": {"support": "90%"},
        }
        clients.append(group)
        if country["country"] in BROWSERS:
            clients.append(group | {"id": group["id"] + "-browsers", "tfo": {"support": "0%"}})

    def block(name, items):
        rows = ",\n".join("    " + json.dumps(item, ensure_ascii=False) for item in items)
        return f'  "{name}": [\n{rows}\n  ]'

    origins = [{"id": i, "at": at, "service_time": {"dist": "lognormal", "median": "40ms", "p99": "300ms"}}
               for i, at in ORIGINS]
    print(",\n".join([
        '{\n  "$schema": "./firstbyte.schema.json",\n  "format": 1,\n  "name": "anycast-tfo"',
        '  "description": "An anycast CDN on the Internet graph of 2018: how much does Fast Open save, where, and for whom nothing?"',
        '  "run": { "duration": "60s", "seed": 42, "replications": 10 }',
        '  "topology": { "as_relationships": "builtin:internet-2018" }',
        block("pops", pops), block("origins", origins), block("clients", clients),
        '  "workload": { "objects": [ { "id": "page", "request": "500B", "response": { "dist": "lognormal", "median": "15KB", "p99": "300KB" } } ] }',
        '  "tls": "1.3"',
        '  "edge": { "profile": "cloudflare", "cache_hit_ratio": 0.9, "processing": "1ms" }',
        '  "tcp": { "client_edge": { "fast_open": true } }',
        '  "thresholds": [ "p95(ttfb) < 300ms" ]\n}',
    ]))


if __name__ == "__main__":
    main()
