#include "bgp/graphml.hpp"

#include "core/cities.hpp"

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/stream.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace firstbyte::bgp {
namespace {

// Boost.Graph's own read_graphml gives no access to the ids of nodes and refuses documents in which some edges have a
// direction and others none, so the document is read through Boost.PropertyTree, on which that reader is built.
using Tree = boost::property_tree::ptree;

constexpr std::size_t levels_most = 100; // model choice: the parser recurses, and no graph is nested like that

/// What Boost's parser does not check: that each end tag has the name of its start tag, and how deep elements are
/// nested.
std::optional<LineFault> structure_fault(std::string_view text) {
    std::vector<std::string_view> open;
    const auto behind = [&](std::size_t from, std::string_view end) {
        const std::size_t at = text.find(end, from);
        return at == std::string_view::npos ? text.size() : at + end.size();
    };
    const auto name_at = [&](std::size_t from) { // up to what cannot belong to a name
        return text.substr(from, std::min(text.find_first_of(" \t\r\n/>", from), text.size()) - from);
    };
    const auto fault_at = [&](std::size_t at, std::string message) {
        const auto here = text.begin() + static_cast<std::ptrdiff_t>(at);
        return LineFault{1 + static_cast<std::size_t>(std::count(text.begin(), here, '\n')), std::move(message)};
    };
    for (std::size_t at = text.find('<'); at < text.size(); at = text.find('<', at)) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("<!--")) {
            at = behind(at, "-->");
        } else if (rest.starts_with("<![CDATA[")) {
            at = behind(at, "]]>");
        } else if (rest.starts_with("<?")) {
            at = behind(at, "?>");
        } else if (rest.starts_with("<!")) {
            at = behind(at, ">");
        } else if (rest.starts_with("</")) {
            const std::string_view name = name_at(at + 2);
            if (open.empty()) return fault_at(at, fmt::format("not XML: </{}> ends nothing", name));
            if (name != open.back())
                return fault_at(at, fmt::format("not XML: </{}> where </{}> is due", name, open.back()));
            open.pop_back();
            at = behind(at, ">");
        } else {
            char quote = 0;
            std::size_t end = at + 1;
            for (; end < text.size() && (quote != 0 || text[end] != '>'); ++end) {
                if (quote != 0)
                    quote = text[end] == quote ? char{0} : quote;
                else if (text[end] == '"' || text[end] == '\'')
                    quote = text[end];
            }
            const bool closed = end < text.size() && text[end - 1] == '/';
            if (!closed) open.push_back(name_at(at + 1));
            if (open.size() > levels_most)
                return fault_at(at, fmt::format("elements are nested deeper than {} levels", levels_most));
            at = std::min(end + 1, text.size());
        }
    }
    return std::nullopt;
}

std::string attribute(const Tree& element, const char* name) {
    const auto attributes = element.get_child_optional("<xmlattr>");
    if (!attributes) return {};
    const auto found = attributes->find(name); // not by path: names such as attr.name hold its separator
    return found == attributes->not_found() ? std::string{} : found->second.data();
}

std::string trimmed(const std::string& text) {
    constexpr const char* blank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blank);
    return first == std::string::npos ? std::string{} : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<double> real(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// "174", "AS174", or "174.0" as programs write numbers that they keep as floating point.
std::optional<AsNumber> as_number(std::string text) {
    if (text.size() > 2 && (text.starts_with("AS") || text.starts_with("as"))) text.erase(0, 2);
    const std::optional<double> value = real(text);
    if (!value || *value < 1 || *value > 4'294'967'295.0 || *value != std::floor(*value))
        return std::nullopt; // RFC 6793
    return static_cast<AsNumber>(*value);
}

enum class Relation { ProviderToCustomer, CustomerToProvider, Peers };

std::optional<Relation> relation_of(const std::string& text) {
    if (text == "p2c" || text == "-1") return Relation::ProviderToCustomer;
    if (text == "c2p") return Relation::CustomerToProvider;
    if (text == "p2p" || text == "0") return Relation::Peers;
    return std::nullopt;
}

std::optional<AsKind> kind_of(const std::string& text) {
    constexpr std::array<std::pair<std::string_view, AsKind>, 4> kinds{{{"isp", AsKind::Isp},
                                                                        {"edge", AsKind::Edge},
                                                                        {"hosting", AsKind::Hosting},
                                                                        {"institution", AsKind::Institution}}};
    for (const auto& [word, kind] : kinds)
        if (text == word) return kind;
    return std::nullopt;
}

using Attributes = std::map<std::string, std::string, std::less<>>;

class Reader {
public:
    explicit Reader(std::vector<LineFault>& faults) : faults_(faults) {}

    GraphmlTopology read(const Tree& document) {
        const auto root = document.find("graphml");
        if (root == document.not_found()) {
            fault("the root element is not <graphml>");
            return {};
        }
        bool any = false;
        for (const auto& [name, element] : root->second) {
            if (name == "key") declare(element);
            any = any || name == "graph";
        }
        if (!any) fault("there is no <graph>");
        for_each_element(root->second, "node", [this](const Tree& element) { node(element); });
        for_each_element(root->second, "edge", [this](const Tree& element) { edge(element); });
        for (AsPresence& as : result_.systems) { // what the file does not say of an AS, its links do
            if (!kinds_.contains(as.number)) as.kind = sells_.contains(as.number) ? AsKind::Isp : AsKind::Edge;
            result_.links.others.push_back(as.number);
        }
        return std::move(result_);
    }

private:
    void fault(std::string message) { faults_.push_back({0, std::move(message)}); }

    template <class Use>
    void for_each_element(const Tree& parent, std::string_view wanted, const Use& use) {
        for (const auto& [name, element] : parent) {
            if (name == wanted) use(element);
            if (name == "graph" || name == "node")
                for_each_element(element, wanted, use); // nested no deeper than checked
        }
    }

    void declare(const Tree& element) {
        const std::string id = attribute(element, "id"), name = attribute(element, "attr.name");
        if (id.empty()) return fault("a <key> has no id");
        names_[id] = name;
        const auto standard = element.find("default");
        if (standard == element.not_found()) return;
        const std::string domain = attribute(element, "for");
        const bool all = domain.empty() || domain == "all";
        if (all || domain == "node") node_defaults_[name] = trimmed(standard->second.data());
        if (all || domain == "edge") edge_defaults_[name] = trimmed(standard->second.data());
    }

    Attributes attributes_of(const Tree& element, const Attributes& defaults, const std::string& whose) {
        Attributes found = defaults;
        for (const auto& [name, data] : element) {
            if (name != "data") continue;
            const std::string key = attribute(data, "key");
            const auto declared = names_.find(key);
            if (declared == names_.end())
                fault(fmt::format("{}: no <key> declares the id \"{}\" of its data", whose, key));
            else
                found[declared->second] = trimmed(data.data());
        }
        return found;
    }

    static const std::string* find(const Attributes& attributes, std::initializer_list<const char*> names) {
        for (const char* name : names)
            if (const auto at = attributes.find(name); at != attributes.end() && !at->second.empty())
                return &at->second;
        return nullptr;
    }

    void node(const Tree& element) {
        const std::string id = attribute(element, "id");
        const std::string whose = fmt::format("node \"{}\"", id);
        if (id.empty()) return fault("a <node> has no id");
        const Attributes attributes = attributes_of(element, node_defaults_, whose);
        const std::string* given = find(attributes, {"asn"});
        const auto number = as_number(given != nullptr ? *given : id);
        if (!number) {
            numbers_.emplace(id, 0); // so that its edges are not reported too
            return fault(given != nullptr ? fmt::format("{}: asn \"{}\" is not an AS number", whose, *given)
                                          : fmt::format("{}: has no `asn`, and its id is not an AS number", whose));
        }
        if (!numbers_.emplace(id, *number).second) return fault(fmt::format("{} is there twice", whose));
        const auto [first, fresh] = node_of_.emplace(*number, id);
        if (!fresh) return fault(fmt::format("{}: node \"{}\" is AS{} too", whose, first->second, *number));
        AsPresence as;
        as.number = *number;
        place(attributes, whose, as);
        if (const std::string* users = find(attributes, {"users"})) {
            const auto count = real(*users);
            if (!count || *count < 0 || *count > 4e9)
                fault(fmt::format("{}: users \"{}\" is not a number of users", whose, *users));
            else
                as.users = static_cast<std::uint32_t>(*count);
        }
        if (const std::string* word = find(attributes, {"kind"})) {
            const auto kind = kind_of(*word);
            if (!kind)
                fault(fmt::format("{}: kind \"{}\" is none of isp, edge, hosting, institution", whose, *word));
            else
                kinds_[as.number] = as.kind = *kind;
        }
        result_.systems.push_back(std::move(as));
    }

    void place(const Attributes& attributes, const std::string& whose, AsPresence& as) {
        const std::string *lat = find(attributes, {"lat", "latitude"}), *lon = find(attributes, {"lon", "longitude"});
        const std::string* country = find(attributes, {"country"});
        if (country != nullptr) {
            const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
            if (country->size() != 2 || !std::all_of(country->begin(), country->end(), capital))
                return fault(fmt::format("{}: country \"{}\" is not a code such as DE", whose, *country));
            as.country = *country;
        }
        if (lat == nullptr && lon == nullptr) {
            if (country == nullptr) return;
            const auto largest = std::find_if(cities().begin(), cities().end(),
                                              [&](const City& city) { return city.country == as.country; });
            if (largest != cities().end()) as.cities.push_back(static_cast<CityIndex>(largest - cities().begin()));
            return;
        }
        if (lat == nullptr || lon == nullptr)
            return fault(fmt::format("{}: has `{}` without `{}`", whose, lat == nullptr ? "lon" : "lat",
                                     lat == nullptr ? "lat" : "lon"));
        const auto north = real(*lat), east = real(*lon);
        if (!north || std::abs(*north) > 90) return fault(fmt::format("{}: lat \"{}\" is not -90 to 90", whose, *lat));
        if (!east || std::abs(*east) > 180) return fault(fmt::format("{}: lon \"{}\" is not -180 to 180", whose, *lon));
        const City& city = nearest_city({*north, *east});
        as.cities.push_back(static_cast<CityIndex>(&city - cities().data()));
        if (as.country.empty()) as.country = city.country;
    }

    void edge(const Tree& element) {
        const std::string source = attribute(element, "source"), target = attribute(element, "target");
        const std::string whose = fmt::format("edge {} (\"{}\" to \"{}\")", ++edges_, source, target);
        const Attributes attributes = attributes_of(element, edge_defaults_, whose);
        const auto from = numbers_.find(source), to = numbers_.find(target);
        if (from == numbers_.end() || to == numbers_.end())
            return fault(fmt::format("{}: there is no node \"{}\"", whose, from == numbers_.end() ? source : target));
        const std::string* word = find(attributes, {"relation", "rel"});
        if (word == nullptr) return fault(fmt::format("{}: has no `relation` (p2c, c2p or p2p)", whose));
        const auto relation = relation_of(*word);
        if (!relation) return fault(fmt::format("{}: relation \"{}\" is none of p2c (-1), c2p, p2p (0)", whose, *word));
        if (from->second == 0 || to->second == 0) return;
        if (*relation == Relation::Peers) {
            result_.links.peers.emplace_back(from->second, to->second);
            return;
        }
        const bool down = *relation == Relation::ProviderToCustomer;
        const AsNumber provider = down ? from->second : to->second, customer = down ? to->second : from->second;
        result_.links.provider_customer.emplace_back(provider, customer);
        sells_[provider] = true;
    }

    std::vector<LineFault>& faults_;
    GraphmlTopology result_;
    std::map<std::string, std::string, std::less<>> names_; ///< attr.name by id of the key
    Attributes node_defaults_, edge_defaults_;
    std::map<std::string, AsNumber, std::less<>> numbers_; ///< by id of the node; 0: it has none
    std::map<AsNumber, std::string> node_of_;
    std::map<AsNumber, AsKind> kinds_; ///< given ones
    std::map<AsNumber, bool> sells_;
    std::size_t edges_ = 0;
};

} // namespace

GraphmlTopology parse_graphml(std::string_view text, std::vector<LineFault>& faults) {
    if (auto fault = structure_fault(text)) {
        faults.push_back(std::move(*fault));
        return {};
    }
    Tree document;
    try {
        boost::iostreams::stream<boost::iostreams::array_source> stream(text.data(), text.size());
        boost::property_tree::read_xml(stream, document, boost::property_tree::xml_parser::no_comments);
    } catch (const boost::property_tree::xml_parser_error& error) {
        faults.push_back({static_cast<std::size_t>(error.line()), "not XML: " + error.message()});
        return {};
    }
    return Reader(faults).read(document);
}

} // namespace firstbyte::bgp
