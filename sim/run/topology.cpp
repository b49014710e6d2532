#include "run/topology.hpp"

#include "bgp/caida.hpp"
#include "bgp/graphml.hpp"
#include "bgp/peering.hpp"
#include "bgp/synthetic.hpp"
#include "core/cities.hpp"
#include "core/data_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace firstbyte {
namespace {

constexpr std::size_t faults_shown =
    20; // model choice: enough to see what is wrong with a file of half a million lines

std::shared_ptr<const bgp::AsGraph> builtin_internet() {
    static const std::shared_ptr<const bgp::AsGraph> internet = [] {
        std::vector<bgp::LineFault> faults;
        auto links = bgp::read_as_relationships(data_file("internet-2018.as-rel.txt.xz"), faults);
        if (!faults.empty())
            throw std::runtime_error(fmt::format("the built-in Internet is damaged at line {}: {}", faults.front().line,
                                                 faults.front().message));
        return std::make_shared<const bgp::AsGraph>(std::move(links));
    }();
    return internet;
}

std::shared_ptr<const bgp::Places> shipped_places() {
    static const auto places = std::make_shared<const bgp::Places>(bgp::Places::shipped());
    return places;
}

bgp::AsLinks links_of_file(const std::string& file, std::vector<Issue>& errors) {
    constexpr const char* key = "topology.as_relationships.file";
    bgp::AsLinks links;
    std::vector<bgp::LineFault> faults;
    try {
        links = bgp::read_as_relationships(file, faults);
    } catch (const std::runtime_error& unreadable) {
        add_issue(errors, Issue::Severity::Error, "E308", key, unreadable.what());
    }
    for (std::size_t index = 0; index < std::min(faults.size(), faults_shown); ++index)
        add_issue(errors, Issue::Severity::Error, "E311", key,
                  fmt::format("{}:{}: {}", file, faults[index].line, faults[index].message));
    if (faults.size() > faults_shown)
        add_issue(errors, Issue::Severity::Error, "E311", key,
                  fmt::format("{}: {} more lines that are no relationships", file, faults.size() - faults_shown));
    return links;
}

bgp::GraphmlTopology graph_of_file(const std::string& file, std::vector<Issue>& errors) {
    constexpr const char* key = "topology.graph.file";
    std::vector<bgp::LineFault> faults;
    bgp::GraphmlTopology read;
    try {
        read = bgp::parse_graphml(read_text_file(file), faults);
    } catch (const std::runtime_error& unreadable) {
        add_issue(errors, Issue::Severity::Error, "E308", key, unreadable.what());
    }
    for (std::size_t index = 0; index < std::min(faults.size(), faults_shown); ++index) {
        const bgp::LineFault& fault = faults[index];
        const std::string place = fault.line == 0 ? file : fmt::format("{}:{}", file, fault.line);
        add_issue(errors, Issue::Severity::Error, "E331", key, fmt::format("{}: {}", place, fault.message));
    }
    if (faults.size() > faults_shown)
        add_issue(errors, Issue::Severity::Error, "E331", key,
                  fmt::format("{}: {} more faults", file, faults.size() - faults_shown));
    return read;
}

/// Reads the AS numbers that one PoP names, and tells of those that lead nowhere.
class PopReader {
public:
    PopReader(const Scenario& scenario, const AsTopology& topology, std::vector<Issue>& errors)
        : scenario_(scenario), topology_(topology), errors_(errors) {}

    bgp::Announcement read(std::size_t index) {
        const Pop& pop = scenario_.pops[index];
        path_ = fmt::format("pops[{}]", index);
        bgp::Announcement from;
        from.asn = pop.asn.value_or(scenario_.anycast.asn);
        if (pop.asn) {
            from.node = node_of(*pop.asn, ".asn");
        } else {
            from.providers = upstreams_of(pop);
            from.peers = nodes_of(pop.peers, "peers");
        }
        from.prepend = static_cast<std::uint32_t>(std::max(0, pop.prepend));
        for (const auto& [neighbor, extra] : pop.prepend_to)
            from.prepend_to.emplace_back(neighbor, static_cast<std::uint32_t>(std::max(0, extra)));
        if (pop.only_to_given) from.only_to = pop.only_to;
        from.no_export_to = pop.no_export_to;
        from.no_export = pop.no_export;
        from.graceful_shutdown = pop.graceful_shutdown;
        for (const PrependVia& asked : pop.prepend_via)
            from.prepend_via.push_back({asked.via, asked.to, static_cast<std::uint32_t>(std::max(1, asked.extra))});
        from.med = static_cast<std::uint32_t>(std::max(0, pop.med));
        for (const auto& [neighbor, med] : pop.med_to)
            from.med_to.emplace_back(neighbor, static_cast<std::uint32_t>(std::max(0, med)));
        from.router_id = pop.router_id ? std::optional{static_cast<std::uint32_t>(*pop.router_id)}
                                       : std::optional{static_cast<std::uint32_t>(index)};
        from.invalid = pop.invalid;
        if (!pop.asn || from.node) check_neighbors(pop, from);
        nodes_of(pop.no_export_to, "no_export_to");
        for (std::size_t at = 0; at < pop.prepend_via.size(); ++at)
            static_cast<void>(node_of(pop.prepend_via[at].to, fmt::format(".prepend_via[{}].to", at)));
        return from;
    }

private:
    std::optional<bgp::NodeIndex> node_of(AsNumber number, const std::string& key) {
        const auto node = topology_.graph->find(number);
        if (!node)
            add_issue(errors_, Issue::Severity::Error, "E310", path_ + key,
                      fmt::format("the topology has no AS{}", number));
        return node;
    }

    std::vector<bgp::NodeIndex> nodes_of(const std::vector<AsNumber>& numbers, const char* key) {
        std::vector<bgp::NodeIndex> nodes;
        for (std::size_t at = 0; at < numbers.size(); ++at)
            if (const auto node = node_of(numbers[at], fmt::format(".{}[{}]", key, at))) nodes.push_back(*node);
        return nodes;
    }

    std::vector<bgp::NodeIndex> upstreams_of(const Pop& pop) {
        if (pop.upstreams_listed) return nodes_of(pop.upstreams, "upstreams");
        const std::optional<std::string> country = pop.at ? country_of(*pop.at) : std::nullopt;
        if (!transit_) transit_.emplace(*topology_.graph, *topology_.places);
        return transit_->largest(country, static_cast<std::size_t>(std::max(0, pop.upstream_count)));
    }

    void check_neighbors(const Pop& pop, const bgp::Announcement& from) {
        std::vector<AsNumber> neighbors;
        const auto add = [&](std::span<const bgp::NodeIndex> nodes) {
            for (const bgp::NodeIndex node : nodes) neighbors.push_back(topology_.graph->number(node));
        };
        if (from.node) {
            add(topology_.graph->providers(*from.node));
            add(topology_.graph->peers(*from.node));
            add(topology_.graph->customers(*from.node));
        } else {
            add(from.providers);
            add(from.peers);
        }
        const auto check = [&](AsNumber number, const std::string& key) {
            if (std::find(neighbors.begin(), neighbors.end(), number) != neighbors.end()) return;
            add_issue(errors_, Issue::Severity::Error, "E310", path_ + key,
                      fmt::format("AS{} is not a neighbour of PoP \"{}\"", number, pop.id));
        };
        for (std::size_t at = 0; at < pop.only_to.size(); ++at) check(pop.only_to[at], fmt::format(".only_to[{}]", at));
        for (const auto& [number, extra] : pop.prepend_to) check(number, fmt::format(".prepend_to.{}", number));
        for (const auto& [number, med] : pop.med_to) check(number, fmt::format(".med_to.{}", number));
        for (std::size_t at = 0; at < pop.prepend_via.size(); ++at)
            if (pop.prepend_via[at].via != 0) check(pop.prepend_via[at].via, fmt::format(".prepend_via[{}].via", at));
    }

    const Scenario& scenario_;
    const AsTopology& topology_;
    std::vector<Issue>& errors_;
    std::optional<bgp::TransitRanking> transit_; ///< made for the first PoP that needs it
    std::string path_;                           ///< of the PoP being read
};

/// Adds the peer links that the public graph misses.
void add_cdn_peers(const Scenario& scenario, const AsTopology& topology, std::vector<bgp::Announcement>& announcements,
                   std::vector<Issue>& warnings) {
    const CdnPeering& rule = scenario.anycast.peering;
    if (rule.none()) return;
    std::vector<std::optional<Place>> places;
    for (std::size_t pop = 0; pop < announcements.size(); ++pop) {
        places.push_back(announcements[pop].node ? std::nullopt
                                                 : place_of_pop(scenario.pops[pop], announcements[pop], topology));
        if (!places.back())
            add_issue(warnings, Issue::Severity::Warning, "W533", fmt::format("pops[{}]", pop),
                      fmt::format("nobody peers with PoP \"{}\" beyond the links it has: {}", scenario.pops[pop].id,
                                  announcements[pop].node ? "it announces from an AS of the topology"
                                                          : "its place is not known"));
    }
    const auto peers = bgp::cdn_peers(*topology.graph, *topology.places, rule, places);
    for (std::size_t pop = 0; pop < announcements.size(); ++pop) {
        bgp::Announcement& from = announcements[pop];
        std::vector<bgp::NodeIndex> known = from.providers;
        known.insert(known.end(), from.peers.begin(), from.peers.end());
        std::sort(known.begin(), known.end());
        for (const bgp::NodeIndex peer : peers[pop])
            if (!std::binary_search(known.begin(), known.end(), peer)) from.peers.push_back(peer);
    }
}

/// Whether any neighbour takes the announcement: it is sent there and does not hold the neighbour's own number.
bool is_heard(const bgp::Announcement& from, const bgp::AsGraph& graph) {
    const auto takes = [&](bgp::NodeIndex neighbor) {
        const AsNumber number = graph.number(neighbor);
        return number != from.asn &&
               (!from.only_to || std::find(from.only_to->begin(), from.only_to->end(), number) != from.only_to->end());
    };
    const auto any = [&](std::span<const bgp::NodeIndex> nodes) {
        return std::any_of(nodes.begin(), nodes.end(), takes);
    };
    if (!from.node) return any(from.providers) || any(from.peers);
    return any(graph.providers(*from.node)) || any(graph.peers(*from.node)) || any(graph.customers(*from.node));
}

} // namespace

void add_issue(std::vector<Issue>& issues, Issue::Severity severity, const char* code, std::string path,
               std::string message, std::string help) {
    Issue issue;
    issue.code = code;
    issue.severity = severity;
    issue.path = std::move(path);
    issue.message = std::move(message);
    issue.help = std::move(help);
    issues.push_back(std::move(issue));
}

/// The links written in a scenario. A PoP's own AS belongs to them even when no link names it.
bgp::AsLinks links_of_scenario(const Scenario& scenario, std::vector<Issue>& warnings) {
    bgp::AsLinks links{scenario.topology.links, scenario.topology.peers};
    std::set<AsNumber> linked;
    for (const auto* list : {&links.provider_customer, &links.peers})
        for (const auto& [a, b] : *list) linked.insert({a, b});
    for (std::size_t at = 0; at < scenario.pops.size(); ++at) {
        const std::optional<AsNumber> own = scenario.pops[at].asn;
        if (!own || linked.contains(*own)) continue;
        links.others.push_back(*own);
        add_issue(warnings, Issue::Severity::Warning, "W513", fmt::format("pops[{}].asn", at),
                  fmt::format("no link of the topology names AS{}: it reaches nobody", *own));
    }
    return links;
}

AsTopology synthetic_topology(const SyntheticTopology& wanted) {
    const bgp::InternetShape shape =
        wanted.ases ? bgp::internet_shape(*wanted.ases) : bgp::internet_shape(wanted.tier1, wanted.tier2, wanted.stubs);
    bgp::SyntheticInternet internet = bgp::make_internet(shape, wanted.seed);
    return {std::make_shared<const bgp::AsGraph>(std::move(internet.links)),
            std::make_shared<const bgp::Places>(std::move(internet.places))};
}

AsTopology load_topology(const Scenario& scenario, std::vector<Issue>& errors, std::vector<Issue>& warnings) {
    const Topology& topology = scenario.topology;
    if (topology.builtin_internet) return {builtin_internet(), shipped_places()};
    if (topology.kind == Topology::Kind::Synthetic) return synthetic_topology(topology.synthetic);
    const bool from_file = topology.kind == Topology::Kind::AsRelationships;
    const bool graphml = topology.kind == Topology::Kind::Graph;
    const char* const key = from_file ? "topology.as_relationships.file"
                            : graphml ? "topology.graph.file"
                                      : "topology.links";
    bgp::GraphmlTopology read;
    if (graphml) read = graph_of_file(topology.file, errors);
    std::vector<bgp::LinkFault> faults;
    const auto graph = std::make_shared<const bgp::AsGraph>(from_file ? links_of_file(topology.file, errors)
                                                            : graphml ? std::move(read.links)
                                                                      : links_of_scenario(scenario, warnings),
                                                            &faults);
    for (const bgp::LinkFault& fault : faults) add_issue(errors, Issue::Severity::Error, "E519", key, fault.message);
    if (const std::vector<AsNumber>& cycle = graph->provider_cycle(); !cycle.empty()) {
        add_issue(warnings, Issue::Severity::Warning, "W512", key,
                  fmt::format("AS{} is its own provider by way of others: AS{}", fmt::join(cycle, " provides AS"),
                              cycle.front()),
                  "routes are found all the same; in a real economy no such cycle exists");
    }
    if (graphml) return {graph, std::make_shared<const bgp::Places>(std::move(read.systems))};
    // Model: numbers of links written in a scenario may be anybody's, so they are not looked up in the table of places.
    return {graph, from_file ? shipped_places() : std::make_shared<const bgp::Places>()};
}

std::vector<bgp::Announcement> announcements_of(const Scenario& scenario, const AsTopology& topology,
                                                std::vector<Issue>& errors, std::vector<Issue>& warnings) {
    std::vector<bgp::Announcement> announcements;
    PopReader reader(scenario, topology, errors);
    std::map<AsNumber, std::size_t> first_of; // PoP that announces from an AS
    for (std::size_t index = 0; index < scenario.pops.size(); ++index) {
        announcements.push_back(reader.read(index));
        if (!scenario.pops[index].asn) continue;
        const auto [first, fresh] = first_of.emplace(*scenario.pops[index].asn, index);
        if (!fresh)
            add_issue(warnings, Issue::Severity::Warning, "W511", fmt::format("pops[{}].asn", index),
                      fmt::format("PoPs \"{}\" and \"{}\" both announce from AS{}: where their announcements tie, all "
                                  "traffic goes to the first",
                                  scenario.pops[first->second].id, scenario.pops[index].id, first->first),
                      "a PoP with `upstreams` and without `asn` is a site of its own");
    }
    if (!errors.empty()) return announcements;
    add_cdn_peers(scenario, topology, announcements, warnings);
    for (std::size_t index = 0; index < announcements.size(); ++index) {
        if (is_heard(announcements[index], *topology.graph)) continue;
        const bool told = std::any_of(warnings.begin(), warnings.end(), [&](const Issue& issue) {
            return issue.code == "W513" && issue.path == fmt::format("pops[{}].asn", index);
        });
        if (told) continue; // by links_of_scenario
        add_issue(
            warnings, Issue::Severity::Warning, "W530", fmt::format("pops[{}]", index),
            fmt::format("no AS hears the announcement of PoP \"{}\": it attracts nobody", scenario.pops[index].id),
            announcements[index].only_to ? "`only_to` leaves no neighbour that takes it"
                                         : "give it `upstreams` or `peers`");
    }
    return announcements;
}

std::optional<Place> place_of_pop(const Pop& pop, const bgp::Announcement& announcement, const AsTopology& topology) {
    if (pop.at) return pop.at;
    if (announcement.node) return topology.places->home(topology.graph->number(*announcement.node));
    if (announcement.providers.empty()) return std::nullopt;
    return topology.places->home(topology.graph->number(announcement.providers.front()));
}

bgp::Propagation propagation_of(const Topology& topology) {
    return {topology.km_per_ms, topology.path_stretch, topology.per_hop};
}

} // namespace firstbyte
