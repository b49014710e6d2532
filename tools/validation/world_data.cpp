#include "world_data.hpp"

#include "core/csv.hpp"
#include "core/data_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <stdexcept>

namespace firstbyte::validate {
namespace {

using Row = std::vector<std::string_view>;

Place parse_place(std::string_view lat, std::string_view lon, const std::string& name) {
    return {parse_number<double>(lat, name), parse_number<double>(lon, name)};
}

/// 0: unknown.
AsNumber parse_asn(std::string_view field, const std::string& name) {
    return field.empty() || field == "-1" ? 0 : parse_number<AsNumber>(field, name);
}

/// La Ceiba's pings are faster than light in fibre; which Panama and which Salem is meant is not known (README of the
/// data).
bool is_of_unsure_place(std::string_view city) {
    static constexpr std::array unsure{"La Ceiba", "Panama", "Salem"};
    return std::find(unsure.begin(), unsure.end(), city) != unsure.end();
}

} // namespace

Pings parse_pings(std::string_view cities, std::string_view pairs, const std::string& name) {
    Pings pings;
    std::map<std::uint32_t, std::optional<std::size_t>> position; // of a city by its id; none: left out
    for_each_row(cities, 7, name, [&](const Row& row) {
        const auto id = parse_number<std::uint32_t>(row[0], name);
        const bool fresh = position.emplace(id, std::nullopt).second;
        if (!fresh) throw std::runtime_error(name + ": two cities have the id " + std::to_string(id));
        if (is_of_unsure_place(row[1])) return;
        position[id] = pings.cities.size();
        pings.cities.push_back({id, std::string(row[1]), std::string(row[3]), parse_place(row[4], row[5], name)});
    });
    std::map<std::pair<std::size_t, std::size_t>, double> least;
    for_each_row(pairs, 6, name, [&](const Row& row) {
        std::array<std::optional<std::size_t>, 2> end;
        for (std::size_t at = 0; at < 2; ++at) {
            const auto id = parse_number<std::uint32_t>(row[at], name);
            const auto known = position.find(id);
            if (known == position.end()) throw std::runtime_error(name + ": no city has the id " + std::to_string(id));
            end[at] = known->second;
        }
        const auto rtt = parse_number<double>(row[2], name);
        if (!end[0] || !end[1]) return;
        const auto [entry, fresh] = least.emplace(std::minmax(*end[0], *end[1]), rtt);
        if (!fresh) entry->second = std::min(entry->second, rtt);
    });
    for (const auto& [ends, rtt] : least) pings.pairs.push_back({ends.first, ends.second, rtt});
    return pings;
}

std::vector<AtlasProbe> parse_atlas(std::string_view text, const std::string& name) {
    std::vector<AtlasProbe> probes;
    for_each_row(text, 10, name, [&](const Row& row) {
        if (row[0] != "opendns") return; // the other service answers from where its back end is, not from its sites
        AtlasProbe& probe = probes.emplace_back();
        probe.id = parse_number<std::uint32_t>(row[1], name);
        probe.asn = parse_asn(row[2], name);
        probe.country = row[3];
        probe.site = row[4];
        for (const std::size_t column : {7u, 6u})
            if (!row[column].empty() && !probe.rtt_ms) probe.rtt_ms = parse_number<double>(row[column], name);
        probe.ases = row[9].empty() ? -1 : parse_number<int>(row[9], name);
    });
    return probes;
}

std::vector<AfricanProbe> parse_africa(std::string_view text, const std::string& name) {
    std::vector<AfricanProbe> probes;
    for_each_row(text, 13, name, [&](const Row& row) {
        if (row[0] != "before" && row[0] != "after")
            throw std::runtime_error(name + ": \"" + std::string(row[0]) + "\" is neither \"before\" nor \"after\"");
        AfricanProbe& probe = probes.emplace_back();
        probe.after = row[0] == "after";
        probe.id = parse_number<std::uint32_t>(row[1], name);
        probe.asn = parse_asn(row[2], name);
        probe.place = parse_place(row[4], row[5], name);
        probe.pop = row[6];
        probe.samples = parse_number<unsigned>(row[7], name);
        probe.rtt_ms = parse_number<double>(row[9], name);
    });
    return probes;
}

WorldData read_world_data(const std::string& folder) {
    namespace fs = std::filesystem;
    const auto file = [&](const char* name) { return (fs::path(folder) / name).string(); };
    const auto has = [](const std::string& path) {
        std::error_code unreadable; // counts as "not here"
        return fs::is_regular_file(path, unreadable);
    };
    WorldData data;
    const std::string ping_cities = file("rtt-wondernetwork2018/cities.csv");
    const std::string ping_pairs = file("rtt-wondernetwork2018/rtt.csv.xz");
    if (has(ping_cities) && has(ping_pairs))
        data.pings = parse_pings(read_text_file(ping_cities), read_text_file(ping_pairs), "rtt-wondernetwork2018");
    if (const std::string path = file("catchment-atlas2017/catchment.csv.xz"); has(path))
        data.atlas = parse_atlas(read_text_file(path), "catchment-atlas2017");
    if (const std::string path = file("catchment-cloudflare2015/catchment.csv"); has(path))
        data.africa = parse_africa(read_text_file(path), "catchment-cloudflare2015");
    if (!data.pings && !data.atlas && !data.africa)
        throw std::runtime_error("the folder \"" + folder +
                                 "\" holds none of rtt-wondernetwork2018, catchment-atlas2017 and "
                                 "catchment-cloudflare2015");
    return data;
}

} // namespace firstbyte::validate
