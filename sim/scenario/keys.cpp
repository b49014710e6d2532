#include "scenario/keys.hpp"

#include "scenario/distribution.hpp"
#include "scenario/values.hpp"

#include <algorithm>
#include <map>

namespace firstbyte::scenario {

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        if (end != 0) words.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return words;
}

/// Path without its last step: "a.b" to "a", "pops[].id" to "pops[]", "run" to "".
std::string parent_of(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? std::string{} : path.substr(0, dot);
}

using Children = std::map<std::string, std::vector<const Key*>, std::less<>>;

const Children& all_children() {
    static const Children children = [] {
        Children by_parent;
        for (const Key& row : keys()) by_parent[parent_of(row.path)].push_back(&row);
        for (auto& [parent, rows] : by_parent) {
            std::sort(rows.begin(), rows.end(), [](const Key* a, const Key* b) { return a->path < b->path; });
        }
        return by_parent;
    }();
    return children;
}

} // namespace

std::string Key::name() const {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

Key Key::of(std::string_view words) && {
    for (std::string& word : words_of(words)) {
        if (word.front() == '!')
            choices_later.push_back(word.substr(1));
        else
            choices.push_back(std::move(word));
    }
    return std::move(*this);
}

Key Key::on(std::string_view words) && {
    only_for = words_of(words);
    return std::move(*this);
}

Key key(std::string path, Kind kind, std::string doc) {
    Key row;
    row.path = std::move(path);
    row.kind = kind;
    row.doc = std::move(doc);
    return row;
}

Key key(std::string path, Kind kind, std::string default_value, std::string doc) {
    Key row = key(std::move(path), kind, std::move(doc));
    row.default_value = std::move(default_value);
    row.has_default = true;
    return row;
}

Key need(std::string path, Kind kind, std::string doc) {
    Key row = key(std::move(path), kind, std::move(doc));
    row.required = true;
    return row;
}

Key later(std::string path, Kind kind, std::string doc) {
    Key row = key(std::move(path), kind, std::move(doc));
    row.supported = false;
    return row;
}

const std::vector<Key>& keys() {
    static const std::vector<Key> table = [] {
        std::vector<Key> rows;
        append_world_keys(rows);
        append_client_keys(rows);
        append_behaviour_keys(rows);
        append_question_keys(rows);
        return rows;
    }();
    return table;
}

const std::vector<const Key*>& children_of(const std::string& pattern) {
    static const std::vector<const Key*> none;
    const auto found = all_children().find(pattern);
    return found == all_children().end() ? none : found->second;
}

const Key* find_child(const std::string& pattern, std::string_view name) {
    for (const Key* row : children_of(pattern)) {
        const std::string_view path = row->path;
        if (path.substr(pattern.empty() ? 0 : pattern.size() + 1) == name) return row;
    }
    return nullptr;
}

std::string inner_pattern(const Key& key) {
    switch (key.shape) {
    case Shape::One: return key.path;
    case Shape::List: return key.path + "[]";
    case Shape::Map: return key.path + ".*";
    }
    return key.path;
}

const Key* find_key_called(std::string_view name) {
    const auto depth = [](const Key& row) { return std::count(row.path.begin(), row.path.end(), '.'); };
    const Key* best = nullptr;
    for (const Key& row : keys()) {
        if (row.name() != name) continue;
        const bool better = best == nullptr || (row.supported && !best->supported) ||
                            (row.supported == best->supported && depth(row) < depth(*best));
        if (better) best = &row;
    }
    return best;
}

const Key* find_key(std::string_view path_or_name) {
    // Steps of the path without ids and indices: "clients[0].tfo" and "clients[].tfo" are the same key.
    std::string wanted;
    bool inside = false;
    for (const char c : path_or_name) {
        if (c == '[') {
            inside = true;
            wanted += "[]";
        } else if (c == ']') {
            inside = false;
        } else if (!inside) {
            wanted += c;
        }
    }
    for (const Key& row : keys()) {
        if (row.path == wanted || row.path + "[]" == wanted) return &row;
    }
    if (const Key* by_name = find_key_called(wanted)) return by_name;
    // "origins.web.service_time" or "clients.*.tfo": the step after a list is the element.
    const std::vector<std::string> steps = [&] {
        std::string spaced = wanted;
        std::replace(spaced.begin(), spaced.end(), '.', ' ');
        return words_of(spaced);
    }();
    std::string pattern;
    const Key* found = nullptr;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::string_view step = steps[i];
        const bool indexed = step.size() > 2 && step.substr(step.size() - 2) == "[]";
        if (indexed) step.remove_suffix(2);
        found = find_child(pattern, step);
        if (found == nullptr) return nullptr;
        pattern = inner_pattern(*found);
        if (found->shape != Shape::One && !indexed) ++i;
    }
    return found;
}

std::string noun_of(Kind kind) {
    switch (kind) {
    case Kind::Object: return "object";
    case Kind::Text: return "string";
    case Kind::FileStem: return "name usable in file names";
    case Kind::Id: return "id";
    case Kind::Country: return "country code";
    case Kind::Choice: return "choice";
    case Kind::Bool: return "true or false";
    case Kind::Switch: return "true, false or \"profile\"";
    case Kind::Integer:
    case Kind::Seed: return "integer";
    case Kind::Number: return "number";
    case Kind::Share: return "share";
    case Kind::Duration: return "duration";
    case Kind::Size: return "size";
    case Kind::BitRate: return "bit rate";
    case Kind::EventRate: return "event rate";
    case Kind::Place: return "place";
    case Kind::Asn: return "ASN";
    case Kind::Prefix: return "IPv4 prefix";
    case Kind::Upstreams: return "count or list of ASNs";
    case Kind::Queue: return "size or number of packets";
    case Kind::Quantile: return "quantile";
    case Kind::File: return "file name";
    case Kind::Expression: return "threshold expression";
    case Kind::WarningCode: return "warning code";
    case Kind::LinkEnd: return "ASN or PoP";
    case Kind::AsnPair: return "pair of ASNs";
    case Kind::CountPair: return "pair of counts";
    case Kind::DurationPair: return "pair of durations";
    case Kind::DurationDraw: return "duration or distribution";
    case Kind::SizeDraw: return "size or distribution";
    case Kind::CountDraw: return "count or distribution";
    case Kind::Overrides: return "object of paths and values";
    case Kind::Anything: return "value";
    }
    return "value";
}

std::string noun_of(const Key& key) {
    std::string one = noun_of(key.kind);
    if (key.shape == Shape::One) return one;
    const std::string pair = "pair of ";
    const bool of_pairs = one.rfind(pair, 0) == 0;
    const bool plural = one.ends_with('s');
    const std::string many = of_pairs ? "pairs of " + one.substr(pair.size()) : one + (plural ? "" : "s");
    return (key.shape == Shape::List ? "list of " : "object of ") + many;
}

} // namespace firstbyte::scenario

namespace firstbyte {

std::vector<KeyDoc> scenario_keys() {
    std::vector<KeyDoc> docs;
    for (const scenario::Key& row : scenario::keys()) {
        KeyDoc doc;
        doc.path = row.path;
        doc.kind = scenario::noun_of(row);
        if (row.kind == scenario::Kind::Choice) {
            std::vector<std::string> words = row.choices;
            words.insert(words.end(), row.choices_later.begin(), row.choices_later.end());
            doc.kind.clear();
            for (const std::string& word : words) doc.kind += (doc.kind.empty() ? "" : " | ") + word;
        }
        doc.default_value = row.from_profile ? "from edge.profile" : row.default_value;
        doc.doc = scenario::doc_of(row);
        doc.supported = row.supported;
        docs.push_back(std::move(doc));
    }
    for (const scenario::DistributionShape& shape : scenario::distribution_shapes()) {
        for (const scenario::DistributionParameter& parameter : shape.parameters) {
            docs.push_back({"<distribution " + shape.name + ">." + parameter.name, parameter.noun, "", parameter.doc,
                            shape.supported});
        }
    }
    return docs;
}

} // namespace firstbyte
