#include "scenario/error_codes.hpp"

#include "firstbyte/scenario.hpp"

namespace firstbyte {

std::vector<std::pair<std::string, std::string>> scenario_error_codes() {
    return {
        {"E101", "The text is not JSON (with // comments allowed): the place where reading stopped is shown."},
        {"E102", "A key that the format does not have; the nearest right spelling is shown. Own notes go in keys that "
                 "begin with x-."},
        {"E103", "A key that is needed is missing from an object."},
        {"E104", "A key occurs twice in one object."},
        {"E105", "The file has another scenario format than this program reads."},
        {"E110", "The key, value or metric belongs to the format and is not supported by this version yet."},
        {"E201", "A value of the wrong kind, such as a string in place of a list."},
        {"E202", "A word that is none of the choices of its key."},
        {"E203", "A value outside the range of its key."},
        {"E204", "A text that does not have the form of its kind."},
        {"E205", "A quantity without a unit, or with a unit that is not one of its kind; upper and lower case count."},
        {"E207", "A city that is not in the built-in list; [latitude, longitude] always works."},
        {"E208", "Not an IPv4 prefix such as 198.51.100.0/24."},
        {"E209", "Not an AS number: 1 to 4294967295."},
        {"E211", "An id or a name with a character that paths, labels or file names cannot hold."},
        {"E212", "A list that needs at least one element, or as many as another one."},
        {"E301", "A reference to a PoP that is not defined."},
        {"E302", "A reference to an origin that is not defined."},
        {"E303", "A reference to a client group that is not defined."},
        {"E304", "A reference to an object that is not defined."},
        {"E305", "A reference to a variant that is not defined."},
        {"E306", "Two elements of one list have the same id."},
        {"E307", "The path of an override (--set, or a variant) leads to no key of the scenario."},
        {"E308", "A file or built-in topology that does not exist."},
        {"E309", "A script entry that does not exist or comes later."},
        {"E310", "An AS that the topology does not have, or that is no neighbour of the PoP it is named for."},
        {"E311", "A file of AS relationships with lines that are none."},
        {"E312", "A reference to a listener that is not defined."},
        {"E331", "A GraphML file that cannot be read as an AS graph."},
        {"E332", "A file of users by AS that cannot be read."},
        {"E401", "An event comes after the end of the run."},
        {"E402", "An event lasts beyond the end of the run."},
        {"E403", "A drain ends before its withdrawal."},
        {"E404", "A PoP dies while it is dead."},
        {"E405", "A key rotation says twice what stays valid: keep_old and old_tfo_key."},
        {"E410", "A threshold names a metric that does not exist."},
        {"E411", "A threshold does not have the form p95(ttfb{region=eu}) < 250ms."},
        {"E412", "A threshold uses an unknown statistic."},
        {"E413", "A threshold filters by a label that its metric does not have."},
        {"E414", "A threshold filters by a value that nothing in the scenario has."},
        {"E415", "The limit of a threshold has a wrong unit or none."},
        {"E416", "== on a time needs a tolerance (+-), and only == takes one."},
        {"E417", "The statistic of a threshold does not apply to its metric."},
        {"E501", "A client group has no way to a PoP: it needs rtt_to, or a place or ASN in a topology."},
        {"E502", "An origin has no way to a PoP: it needs rtt_to, or a place in a topology."},
        {"E503", "A PoP cannot join the topology: it needs a place, an ASN or a list of upstreams."},
        {"E504", "A topology needs exactly one source of its AS graph."},
        {"E505", "The 99th percentile of a lognormal is not above its median."},
        {"E506", "All weights are 0."},
        {"E507", "A client group needs exactly one of sessions and script."},
        {"E508", "Some requests miss the cache and there is no origin."},
        {"E509", "A client group has a population of 0."},
        {"E511", "A script entry needs exactly one of at, after and with."},
        {"E512", "The first script entry has none before it to follow."},
        {"E513", "A server that does not respond must close or reset."},
        {"E514", "A script step does one thing, and some steps end what later ones would need."},
        {"E515", "The upper end of a distribution is below its lower end."},
        {"E516", "The points of a cdf do not ascend to probability 1."},
        {"E517", "A link from an AS to itself."},
        {"E518", "Early data without TLS 1.3."},
        {"E519", "Links of the topology contradict each other, such as peers that are provider and customer too."},
        {"E520", "No path leads from a client group to any PoP."},
        {"E521", "Routes never settle: a dispute wheel. The ASes of it are named."},
        {"E522", "An event about AS paths in a scenario without a topology."},
        {"E524", "A PoP of a tiered cache has no known round-trip time to any PoP of the upper tier."},
        {"E523", "PoPs forward to each other, and the place of one of them is not known."},
        {"E530", "A synthetic topology needs a size: ases, or tier1, tier2 and stubs."},
        {"E531", "A client group for the world has a key or a name that it cannot have."},
        {"E532", "Peering without a topology, or without a share of ASes that peer."},
        {"E534", "Workers of an origin keep their connections, and nothing says how many there are."},
        {"E535", "A client group with a script cannot race: its entries are all the connections there are."},
        {"E536", "The clients have more addresses than IPv4: population times tfo.public_ips, over all groups."},
        {"E533", "The topology has no users for a client group of the world."},
        {"W501", "Fewer than 5 replications: confidence intervals will be wide."},
        {"W502", "The ClientHello is larger than a SYN can carry: Fast Open will save nothing."},
        {"W503", "The population is so large that hardly any client returns with a cookie."},
        {"W504", "Fast Open is on and no client supports it."},
        {"W505", "An origin is dark for a shorter time than the edge tries to connect: no 522 will appear."},
        {"W506", "A round-trip time below that of light in fibre between the two places."},
        {"W507", "The origin closes idle connections before the edge's pool does: stale reuse."},
        {"W508", "A middlebox forgets an idle flow before the edge closes it or sends a keepalive probe."},
        {"W509", "More is asked of a PoP, an origin or a client's link than it can give: the queue grows for the "
                 "whole run."},
        {"W510", "No places are known for the paths: every AS hop counts as 1 ms of round trip."},
        {"W511", "Two PoPs announce from the same AS: where they tie, the first gets all traffic."},
        {"W512", "The topology has a cycle of providers."},
        {"W513", "No link of the topology names the AS of a PoP: it reaches nobody."},
        {"W514", "SYNs with data are dropped so often that Fast Open costs more than it saves: beyond R / (R + 1 s) "
                 "for a round trip R and a SYN timeout of 1 s."},
        {"W515", "More than 20 % of the packets are lost: most handshakes lose one."},
        {"W516", "A threshold on a quantile q for which fewer than 100 / (1 - q) samples are to be expected."},
        {"W530", "The announcement of a PoP reaches no AS."},
        {"W531", "So many client groups that a simulation needs much memory."},
        {"W532", "Users of the world are left out: no AS of their country has a route to a PoP."},
        {"W533", "No AS can peer with a PoP: its place is not known, or it announces from an AS of the topology."},
        {"W601", "So many requests are to be simulated that it takes hours."},
        {"W602", "So many clients are to be remembered that it takes GB of memory."},
        {"W603", "So many requests are to be kept one by one that the result takes GB."},
    };
}

namespace scenario {

std::vector<std::string> warning_codes() {
    std::vector<std::string> codes;
    for (const auto& [code, meaning] : scenario_error_codes()) {
        if (code.front() == 'W') codes.push_back(code);
    }
    return codes;
}

} // namespace scenario

} // namespace firstbyte
