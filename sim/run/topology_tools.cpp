/// AS graphs without a scenario: measured and made up.
#include "firstbyte/topology.hpp"

#include "bgp/statistics.hpp"
#include "bgp/synthetic.hpp"
#include "core/check.hpp"
#include "core/data_files.hpp"
#include "core/version.hpp"
#include "run/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace firstbyte {

static_assert(synthetic_ases_min == bgp::ases_min && synthetic_ases_max == bgp::ases_max);

namespace {

AsTopology load(const std::string& source) {
    constexpr std::string_view builtin = "builtin:", graphml = ".graphml";
    Scenario scenario;
    Topology& topology = scenario.topology;
    topology.kind = source.size() > graphml.size() && source.ends_with(graphml) ? Topology::Kind::Graph
                                                                                : Topology::Kind::AsRelationships;
    topology.builtin_internet = source == "builtin:internet-2018";
    topology.file = topology.builtin_internet ? "" : source;
    std::vector<Issue> errors, warnings;
    if (!topology.builtin_internet && source.starts_with(builtin))
        throw std::runtime_error(
            fmt::format("no built-in topology is called \"{}\": there is builtin:internet-2018", source));
    AsTopology loaded = load_topology(scenario, errors, warnings);
    for (Issue& issue : errors) {
        if (issue.code == "E308") throw std::runtime_error(issue.message); // the file cannot be read at all
        issue.path.clear(); // there is no scenario whose keys could be meant
    }
    if (!errors.empty()) throw ScenarioError(source, std::move(errors));
    return loaded;
}

} // namespace

TopologyStatistics topology_statistics(const std::string& source, std::size_t destinations) {
    return bgp::statistics_of(*load(source).graph, destinations);
}

std::string convert_topology(const std::string& source) {
    const AsTopology loaded = load(source);
    const bgp::AsGraph& graph = *loaded.graph;
    std::string text = "# <provider-as>|<customer-as>|-1\n# <peer-as>|<peer-as>|0\n";
    std::vector<AsNumber> others;
    const auto put = [&](AsNumber number, std::span<const bgp::NodeIndex> neighbors, int relation) {
        others.clear();
        for (const bgp::NodeIndex neighbor : neighbors) others.push_back(graph.number(neighbor));
        std::sort(others.begin(), others.end());
        for (const AsNumber other : others)
            if (relation == -1 || number < other) // each peering once
                fmt::format_to(std::back_inserter(text), "{}|{}|{}\n", number, other, relation);
    };
    for (const bgp::NodeIndex node : graph.by_number()) {
        put(graph.number(node), graph.customers(node), -1);
        put(graph.number(node), graph.peers(node), 0);
    }
    return text;
}

std::string generate_topology(std::uint32_t ases, std::uint64_t seed) {
    FB_ASSERT(ases >= synthetic_ases_min && ases <= synthetic_ases_max, "the size was checked where it was typed");
    const bgp::InternetShape shape = bgp::internet_shape(ases);
    const bgp::SyntheticInternet internet = bgp::make_internet(shape, seed);
    std::string text = fmt::format(
        "# Made-up Internet of {} ASes: {} without providers, {} transit, {} stubs with and {} without peers.\n"
        "# Not measured: numbers name no real network. Model: docs/model.md of firstbyte, \"Topologies\".\n"
        "# firstbyte {}: firstbyte topo generate --ases {} --seed {}\n"
        "# <provider-as>|<customer-as>|-1\n"
        "# <peer-as>|<peer-as>|0\n",
        ases, shape.tier1, shape.transit, shape.edge, shape.stubs, version, ases, seed);
    for (const auto& [provider, customer] : internet.links.provider_customer)
        fmt::format_to(std::back_inserter(text), "{}|{}|-1\n", provider, customer);
    for (const auto& [a, b] : internet.links.peers) fmt::format_to(std::back_inserter(text), "{}|{}|0\n", a, b);
    return text;
}

std::string packed_for(const std::string& path, std::string text) {
    if (path.ends_with(".gz")) return pack_gzip(text);
    if (path.ends_with(".xz")) return pack_xz(text);
    return text;
}

} // namespace firstbyte
