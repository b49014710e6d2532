/// Places for faults that are found when the document is gone.
#include "firstbyte/scenario.hpp"

#include "scenario/faults.hpp"
#include "scenario/normalise.hpp"
#include "scenario/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace firstbyte {

namespace {

using namespace scenario;

/// The element of a list that "3" names; null when there is none.
const Node* element_at(const Node& list, std::string_view index) {
    std::size_t at = 0;
    const auto result = std::from_chars(index.data(), index.data() + index.size(), at);
    const bool whole = result.ec == std::errc{} && result.ptr == index.data() + index.size();
    return whole && at < list.elements.size() ? &list.elements[at] : nullptr;
}

/// The value at "clients[0].asn", or the innermost one around it that the document has.
const Node& innermost(const Node& root, std::string_view path) {
    const Node* at = &root;
    while (!path.empty()) {
        const bool index = path.front() == '[';
        if (index || path.front() == '.') path.remove_prefix(1);
        const std::size_t end = std::min(path.find_first_of(index ? "]" : ".["), path.size());
        const std::string_view step = path.substr(0, end);
        const Node* next = index ? element_at(*at, step) : at->find(step);
        if (next == nullptr) return *at;
        at = next;
        path.remove_prefix(std::min(end + (index ? 1 : 0), path.size()));
    }
    return *at;
}

} // namespace

void place_issues(const std::string& text, std::vector<Issue>& issues, const std::vector<Override>& overrides) {
    const SourceText source(text);
    std::vector<std::string> typed;
    for (const Override& set : overrides) typed.push_back(set.path + "=" + set.value);
    Node root;
    std::vector<SyntaxFault> syntax;
    if (!parse_document(source, root, syntax)) return;
    expand_shorthands(root, "");
    Faults ignored(source, typed);
    for (std::size_t i = 0; i < overrides.size() && root.is_object(); ++i) {
        const Node value = parse_value(overrides[i].value, Node::From::Override, static_cast<int>(i));
        apply_override(ignored, root, overrides[i].path, value, nullptr);
    }
    link_parents(root);
    for (Issue& issue : issues) {
        if (issue.line > 0 || issue.path.empty()) continue;
        Faults faults(source, typed);
        faults.at_value(innermost(root, issue.path), issue.code, {issue.message, issue.suggestion, issue.help});
        const std::string path = std::move(issue.path);
        issue = faults.in_file_order().front();
        issue.path = path;
    }
}

} // namespace firstbyte
