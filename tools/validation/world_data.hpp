/// Measurements of the real Internet that may not be shipped, read from the reader's own copy of them.
#pragma once

#include "firstbyte/scenario.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::validate {

/// A server from which and to which pings went.
struct PingCity {
    std::uint32_t id = 0;
    std::string name, region; ///< region as the source has it: "Eurasia", "North America", ...
    Place place;
};

/// The least of the pings between two cities, of both directions.
struct PingPair {
    std::size_t a = 0, b = 0; ///< positions in Pings::cities
    double rtt_ms = 0;
};

/// WonderNetwork, November 2018. Three cities whose place is not sure are left out.
struct Pings {
    std::vector<PingCity> cities;
    std::vector<PingPair> pairs;
};

/// One RIPE Atlas probe and the OpenDNS site that answered it, June 2017.
struct AtlasProbe {
    std::uint32_t id = 0;
    AsNumber asn = 0;
    std::string country;          ///< ISO 3166 alpha-2
    std::string site;             ///< /24 of the resolver
    std::optional<double> rtt_ms; ///< of a traceroute, else of pings
    int ases = -1;                ///< on the traceroute, both ends counted; -1: unknown
};

/// One probe and the Cloudflare PoP that answered it, in March 2015, before and after Johannesburg left.
struct AfricanProbe {
    bool after = false;
    std::uint32_t id = 0;
    AsNumber asn = 0;
    Place place;
    std::string pop;      ///< IATA code
    unsigned samples = 0; ///< answers
    double rtt_ms = 0;    ///< median of the response times
};

// Readers of the tables; `name` is that of the file, for messages.
// @throws std::runtime_error  "FILE, line N: ..." or "FILE: ..."
[[nodiscard]] Pings parse_pings(std::string_view cities, std::string_view pairs, const std::string& name);
[[nodiscard]] std::vector<AtlasProbe> parse_atlas(std::string_view text, const std::string& name);
[[nodiscard]] std::vector<AfricanProbe> parse_africa(std::string_view text, const std::string& name);

/// What the reader's folder holds. A measurement of which it has no files is left out.
struct WorldData {
    std::optional<Pings> pings;                      ///< rtt-wondernetwork2018/cities.csv and rtt.csv.xz
    std::optional<std::vector<AtlasProbe>> atlas;    ///< catchment-atlas2017/catchment.csv.xz
    std::optional<std::vector<AfricanProbe>> africa; ///< catchment-cloudflare2015/catchment.csv
};

/// @throws std::runtime_error  when the folder holds none of them, or a file of them is damaged
[[nodiscard]] WorldData read_world_data(const std::string& folder);

} // namespace firstbyte::validate
