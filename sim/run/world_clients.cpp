#include "run/world_clients.hpp"

#include "core/cities.hpp"
#include "core/data_files.hpp"
#include "run/users_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace firstbyte {
namespace {

constexpr std::size_t faults_shown = 20; // model choice: enough to see what is wrong with a long file
constexpr double share_missing = 0.01;   // model choice: users that nobody would miss in a result

/// One group to be.
struct Part {
    std::string name; ///< behind the parent's
    AsNumber number = 0;
    std::string country;
    double users = 0;
};

/// The users of every (AS, country).
class Census {
public:
    /// @param reaches  whether an AS of the graph has a route to a PoP
    Census(const AsTopology& topology, const std::vector<bool>& reaches, std::vector<AsUsers> users)
        : users_(std::move(users)) {
        for (AsUsers& row : users_)
            if (row.country.empty())
                if (const bgp::AsPlace* as = topology.places->find(row.number)) row.country = as->country;
        std::sort(users_.begin(), users_.end(), [](const AsUsers& a, const AsUsers& b) {
            return std::pair{a.number, std::string_view(a.country)} < std::pair{b.number, std::string_view(b.country)};
        });
        std::size_t kept = 0;
        for (std::size_t at = 0; at < users_.size(); ++at) { // lines of the same AS and country are added
            const bool again = kept > 0 && users_[kept - 1].number == users_[at].number &&
                               users_[kept - 1].country == users_[at].country;
            if (again)
                users_[kept - 1].users += users_[at].users;
            else if (kept++ != at)
                users_[kept - 1] = std::move(users_[at]);
        }
        users_.resize(kept);
        std::erase_if(users_, [](const AsUsers& row) { return row.users == 0; });
        for (const AsUsers& row : users_) {
            total_ += row.users;
            in_country_[row.country] += row.users;
            const auto node = topology.graph->find(row.number);
            const bool counts = node && reaches[*node];
            if (!counts) continue;
            here_.push_back(&row);
            const AsUsers*& largest = largest_[row.country];
            if (largest == nullptr || row.users > largest->users) largest = &row;
        }
    }

    [[nodiscard]] double total() const { return total_; }

    [[nodiscard]] std::vector<Part> countries() const {
        std::vector<Part> parts;
        for (const auto& [country, as] : largest_)
            parts.push_back({country.empty() ? "unknown" : country, as->number, country, in_country_.at(country)});
        return parts;
    }

    [[nodiscard]] std::vector<Part> systems(std::size_t top) const {
        std::vector<const AsUsers*> order = here_;
        std::stable_sort(order.begin(), order.end(),
                         [](const AsUsers* a, const AsUsers* b) { return a->users > b->users; });
        std::map<std::string_view, double> rest(in_country_.begin(), in_country_.end());
        std::map<AsNumber, Part> parts; // an AS with users in two countries is one group, of the larger share
        const auto add = [&](const AsUsers& row, double users) {
            Part& part = parts[row.number];
            part.number = row.number;
            if (part.users == 0) part.country = row.country;
            part.users += users;
        };
        for (std::size_t at = 0; at < order.size(); ++at) {
            if (at >= top && order[at] != largest_.at(order[at]->country)) continue;
            add(*order[at], order[at]->users);
            rest[order[at]->country] -= order[at]->users;
        }
        for (const auto& [country, as] : largest_) add(*as, std::max(0.0, rest.at(country)));
        std::vector<Part> listed;
        for (auto& [number, part] : parts) {
            part.name = fmt::format("AS{}", number);
            listed.push_back(std::move(part));
        }
        return listed;
    }

private:
    std::vector<AsUsers> users_; ///< ascending AS and country
    std::vector<const AsUsers*> here_;
    std::map<std::string, double, std::less<>> in_country_;
    std::map<std::string, const AsUsers*, std::less<>> largest_; ///< of those that count
    double total_ = 0;
};

/// Whether each AS of the graph has a route to a PoP before anything happens.
std::vector<bool> which_reach(const Scenario& scenario, const AsTopology& topology) {
    std::vector<bool> reaches(topology.graph->node_count(), true);
    std::vector<Issue> errors, warnings; // told when the routes of the clients are decided
    const std::vector<bgp::Announcement> announcements = announcements_of(scenario, topology, errors, warnings);
    if (!errors.empty()) return reaches;
    const bgp::Routes routes(*topology.graph, announcements);
    for (bgp::NodeIndex node = 0; node < topology.graph->node_count(); ++node) reaches[node] = routes.reached(node);
    return reaches;
}

class Expansion {
public:
    Expansion(const Scenario& scenario, const AsTopology& topology, std::vector<Issue>& errors,
              std::vector<Issue>& warnings)
        : scenario_(scenario), topology_(topology), errors_(errors), warnings_(warnings) {}

    Scenario expand() {
        Scenario expanded = scenario_;
        expanded.clients.clear();
        std::vector<std::pair<std::size_t, std::size_t>> groups_of; // first and end, by group of the file
        for (std::size_t index = 0; index < scenario_.clients.size(); ++index) {
            const ClientGroup& group = scenario_.clients[index];
            const std::size_t first = expanded.clients.size();
            if (group.world)
                add_world(group, index, expanded.clients);
            else
                expanded.clients.push_back(group);
            groups_of.emplace_back(first, expanded.clients.size());
        }
        check_names(expanded.clients);
        for (PrefixGroup& prefix : expanded.anycast.groups) {
            prefix.clients.clear();
            for (const std::uint32_t named :
                 scenario_.anycast.groups[static_cast<std::size_t>(&prefix - expanded.anycast.groups.data())].clients)
                for (std::size_t group = groups_of[named].first; group < groups_of[named].second; ++group)
                    prefix.clients.push_back(static_cast<std::uint32_t>(group));
        }
        expanded.events.clear();
        for (const Event& event : scenario_.events) {
            const auto [first, end] = event.group ? groups_of[*event.group] : std::pair<std::size_t, std::size_t>{0, 1};
            for (std::size_t group = first; group < end; ++group) {
                expanded.events.push_back(event);
                if (event.group) expanded.events.back().group = static_cast<std::uint32_t>(group);
            }
        }
        if (expanded.clients.size() > world_groups_many)
            add_issue(
                warnings_, Issue::Severity::Warning, "W531", "clients",
                fmt::format("{} client groups: a simulation keeps results and paths for each", expanded.clients.size()),
                "a lower `top`, or `per`: \"country\", makes fewer");
        return expanded;
    }

private:
    void add_world(const ClientGroup& parent, std::size_t index, std::vector<ClientGroup>& to) {
        const std::string path = fmt::format("clients[{}].world", index);
        if (reaches_.empty()) reaches_ = which_reach(scenario_, topology_);
        const Census census(topology_, reaches_, users_for(*parent.world, path));
        std::vector<Part> parts =
            parent.world->per == WorldClients::Per::Country ? census.countries() : census.systems(parent.world->top);
        std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.users > b.users; });
        double placed = 0;
        for (const Part& part : parts) placed += part.users;
        if (placed == 0) {
            if (!file_faulty_)
                add_issue(
                    errors_, Issue::Severity::Error, "E533", path,
                    fmt::format("client \"{}\" stands for nobody: no AS with a route to a PoP has users", parent.id),
                    parent.world->users_file.empty()
                        ? "give a file as `users`, or another topology: links in the file have no users"
                        : "");
            return;
        }
        if (census.total() - placed > share_missing * census.total())
            add_issue(warnings_, Issue::Severity::Warning, "W532", path + ".users",
                      fmt::format("{:.1f} % of the users are left out: no AS of their country has a route to a PoP",
                                  100 * (1 - placed / census.total())));
        for (const Part& part : parts) {
            ClientGroup& group = to.emplace_back(parent);
            const double share = part.users / placed;
            group.world.reset();
            group.world_id = parent.id;
            group.id = parent.id + "-" + part.name;
            group.asn = part.number;
            group.at = place_beside(part.number);
            group.country = part.country;
            if (group.region.empty()) group.region = region_of_country(part.country);
            group.sessions.per_sec = parent.sessions.per_sec * share;
            group.population = static_cast<std::uint32_t>(std::max(1.0, std::round(parent.population * share)));
        }
    }

    /// For an AS of unknown place. Model: it is where the lowest of its providers that has a home has it.
    std::optional<Place> place_beside(AsNumber number) const {
        const auto node = topology_.graph->find(number);
        if (!node || topology_.places->home(number)) return std::nullopt;
        const auto providers = topology_.graph->providers(*node); // from the top of the hierarchy down
        for (auto provider = providers.rbegin(); provider != providers.rend(); ++provider)
            if (const auto home = topology_.places->home(topology_.graph->number(*provider))) return home;
        return std::nullopt;
    }

    std::vector<AsUsers> users_for(const WorldClients& world, const std::string& path) {
        std::vector<AsUsers> users;
        file_faulty_ = false;
        if (world.users_file.empty()) {
            for (const bgp::AsPlace& as : topology_.places->all())
                if (as.users > 0) users.push_back({as.number, as.country, static_cast<double>(as.users)});
            return users;
        }
        std::vector<UsersFault> faults;
        const auto tell = [&](const std::string& message) {
            file_faulty_ = true;
            add_issue(errors_, Issue::Severity::Error, "E332", path + ".users", message);
        };
        try {
            users = parse_users(read_text_file(world.users_file), faults);
        } catch (const std::runtime_error& unreadable) {
            tell(unreadable.what());
        }
        for (std::size_t at = 0; at < std::min(faults.size(), faults_shown); ++at)
            tell(fmt::format("{}:{}:{}: {}", world.users_file, faults[at].line, faults[at].column, faults[at].message));
        if (faults.size() > faults_shown)
            tell(fmt::format("{}: {} more faults", world.users_file, faults.size() - faults_shown));
        return users;
    }

    void check_names(const std::vector<ClientGroup>& groups) {
        std::set<std::string_view> names;
        for (const ClientGroup& group : groups)
            if (!names.insert(group.id).second)
                add_issue(errors_, Issue::Severity::Error, "E531", "clients",
                          fmt::format("two client groups are called \"{}\", one of them made of a world", group.id));
    }

    const Scenario& scenario_;
    const AsTopology& topology_;
    std::vector<Issue>& errors_;
    std::vector<Issue>& warnings_;
    std::vector<bool> reaches_; ///< by NodeIndex; empty until asked for
    bool file_faulty_ = false;  ///< of the group being read: then it is no wonder that nobody is there
};

} // namespace

Scenario expand_world(const Scenario& scenario, const AsTopology& topology, std::vector<Issue>& errors,
                      std::vector<Issue>& warnings) {
    return Expansion(scenario, topology, errors, warnings).expand();
}

std::optional<Scenario> with_world_expanded(const Scenario& scenario, std::vector<Issue>* warnings) {
    const auto is_world = [](const ClientGroup& group) { return group.world.has_value(); };
    if (std::none_of(scenario.clients.begin(), scenario.clients.end(), is_world)) return std::nullopt;
    std::vector<Issue> errors, noted, of_topology;
    const AsTopology topology = load_topology(scenario, errors, of_topology); // told again when routes are decided
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    Scenario expanded = expand_world(scenario, topology, errors, noted);
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    for (Issue& issue : noted)
        if (warnings != nullptr &&
            std::find(scenario.allow.begin(), scenario.allow.end(), issue.code) == scenario.allow.end())
            warnings->push_back(std::move(issue));
    return expanded;
}

} // namespace firstbyte
