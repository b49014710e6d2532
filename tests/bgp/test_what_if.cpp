// Withdrawals as questions: one carrier's world by hand, a cycle of providers, and the whole Internet of 2018.

#include "bgp/caida.hpp"
#include "bgp/places.hpp"
#include "bgp/what_if.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

constexpr AsNumber anycast = 64500; // RFC 5398

Announcement site(std::vector<NodeIndex> providers, std::vector<NodeIndex> peers = {}) {
    Announcement from;
    from.asn = anycast;
    from.providers = std::move(providers);
    from.peers = std::move(peers);
    return from;
}

std::map<AsNumber, std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>>
changes(const WhatIf& what_if) {
    std::map<AsNumber, std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>> found;
    what_if.for_each_change([&](const RouteChange& change) {
        found[what_if.routes().graph().number(change.node)] = {change.before, change.after};
    });
    return found;
}

std::size_t differences(const Routes& a, const Routes& b, const std::vector<std::uint32_t>& numbers_of_b) {
    std::size_t found = 0;
    for (NodeIndex node = 0; node < a.graph().node_count(); ++node) {
        if (a.reached(node) != b.reached(node)) {
            ++found;
        } else if (a.reached(node) &&
                   (a.announcement(node) != numbers_of_b[b.announcement(node)] ||
                    a.next_hop(node) != b.next_hop(node) || a.path_length(node) != b.path_length(node) ||
                    a.learned_from(node) != b.learned_from(node))) {
            ++found;
        }
    }
    return found;
}

} // namespace

TEST_CASE("what-if: who moves where when a site goes, and back") {
    // 174 and 3356 peer at the top; 64510 buys from 174, 64520 from 3356, 64530 from both.
    const AsGraph graph({{{174, 64510}, {3356, 64520}, {174, 64530}, {3356, 64530}}, {{174, 3356}}});
    const auto node = [&](AsNumber number) { return graph.find(number).value(); };
    const std::vector<Announcement> announcements{site({node(174)}), site({node(3356)})};
    WhatIf what_if(Routes(graph, announcements));
    using Change = std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;
    CHECK(changes(what_if).empty());
    what_if.withdraw(0);
    CHECK(what_if.withdrawn(0));
    CHECK(changes(what_if) == std::map<AsNumber, Change>{{174, {0, 1}}, {64510, {0, 1}}, {64530, {0, 1}}});
    CHECK(what_if.routes().as_path(node(64510)) == std::vector<AsNumber>{174, 3356, anycast});
    CHECK(what_if.routes().decided_by(node(64530)) == DecidedBy::PathLength);
    what_if.withdraw(1);
    const Change lost_first{0, std::nullopt}, lost_second{1, std::nullopt};
    CHECK(changes(what_if) ==
          std::map<AsNumber, Change>{
              {174, lost_first}, {3356, lost_second}, {64510, lost_first}, {64520, lost_second}, {64530, lost_first}});
    CHECK(what_if.routes().candidates(node(64530)).empty());
    what_if.undo();
    what_if.undo();
    CHECK(changes(what_if).empty());
    CHECK(what_if.steps() == 0);
    // The tie at 64530 goes as well when the one it does not use goes.
    what_if.withdraw(1);
    std::vector<NodeIndex> tied_changed;
    what_if.tied_changed(tied_changed);
    CHECK(std::count(tied_changed.begin(), tied_changed.end(), node(64530)) == 1);
    CHECK(changes(what_if) == std::map<AsNumber, Change>{{3356, {1, 0}}, {64520, {1, 0}}});
    what_if.undo();
    what_if.set_prepend(0, 2);
    CHECK(changes(what_if).at(64530) == Change{0, 1});
    CHECK(what_if.routes().path_length(node(174)) == 3);
    what_if.withdraw(1);
    CHECK(what_if.routes().as_path(node(64530)) == std::vector<AsNumber>{174, anycast, anycast, anycast});
    what_if.undo();
    what_if.undo();
    CHECK(what_if.routes().path_length(node(174)) == 1);
    CHECK(changes(what_if).empty());
}

TEST_CASE("what-if: the whole Internet of 2018, thirty sites, each withdrawn and some pairs") {
    std::vector<LineFault> faults;
    const AsGraph graph(
        read_as_relationships(FIRSTBYTE_SOURCE_DIR "/scenarios/data/internet-2018.as-rel.txt.xz", faults));
    const Places nobody;
    constexpr std::uint32_t count = 30;
    const std::vector<NodeIndex> transit = TransitRanking(graph, nobody).largest(std::nullopt, 2 * count);
    std::vector<Announcement> announcements;
    for (std::uint32_t index = 0; index < count; ++index)
        announcements.push_back(site({transit[index]}, {transit[count + index]}));
    const Routes routes(graph, announcements);
    const auto without = [&](std::uint32_t first, std::uint32_t second, const Routes& found) {
        std::vector<Announcement> left;
        std::vector<std::uint32_t> numbers;
        for (std::uint32_t index = 0; index < count; ++index) {
            if (index == first || index == second) continue;
            left.push_back(announcements[index]);
            numbers.push_back(index);
        }
        REQUIRE(differences(found, Routes(graph, left), numbers) == 0);
    };
    WhatIf what_if(routes);
    what_if.for_each_withdrawal([&](std::uint32_t first) { without(first, first, what_if.routes()); });
    std::size_t pairs = 0;
    what_if.for_each_pair([&](std::uint32_t first, std::uint32_t second) {
        if (pairs++ % 17 == 0) without(first, second, what_if.routes());
    });
    CHECK(pairs == count * (count - 1) / 2);
    CHECK(what_if.steps() == 0);
}

} // namespace firstbyte::bgp
