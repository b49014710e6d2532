#include "scenario/faults.hpp"

#include "scenario/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace firstbyte::scenario {

void Faults::enter_variant(const std::string& name, const Node& values) {
    prefix_ = fmt::format("variant \"{}\": ", name);
    variant_ = &values;
}

void Faults::place(Issue& issue, Span span) const {
    const Position position = source_.position(span.begin);
    issue.line = position.line;
    issue.column = position.column;
    issue.length = source_.length_on_first_line(span);
    issue.source_line = source_.line(position.line);
}

void Faults::add(const Node& node, Span span, std::string path, const std::string& code, Words words) {
    Issue issue;
    issue.code = code;
    issue.severity = code.front() == 'W' ? Issue::Severity::Warning : Issue::Severity::Error;
    issue.path = std::move(path);
    issue.element = element_of(node);
    issue.message = prefix_ + words.message;
    issue.suggestion = std::move(words.suggestion);
    issue.help = std::move(words.help);

    const Node* at = &node;
    while (at->from == Node::From::Default && at->parent != nullptr) at = at->parent;
    if (at != &node) span = {at->span.begin, at->span.begin + 1};
    const bool outside = variant_ != nullptr && (span.begin < variant_->span.begin || span.end > variant_->span.end);
    if (at->from == Node::From::Override && at->override_index >= 0) {
        issue.message =
            fmt::format("override \"{}\": {}", overrides_[static_cast<std::size_t>(at->override_index)], issue.message);
    } else if (outside) {
        const Member* name = member_of(*variant_);
        place(issue, name != nullptr ? name->key_span : variant_->span);
    } else {
        place(issue, span);
    }
    if (issue.severity == Issue::Severity::Error) ++errors_;
    issues_.push_back(std::move(issue));
}

void Faults::at_value(const Node& node, const std::string& code, Words words) {
    Span span = node.span;
    if (node.is_object() || node.is_list()) span.end = span.begin + 1;
    add(node, span, path_of(node), code, std::move(words));
}

void Faults::at_key(const Node& node, const std::string& code, Words words) {
    const Member* member = member_of(node);
    if (member == nullptr) return at_value(node, code, std::move(words));
    add(node, member->key_span, path_of(node), code, std::move(words));
}

void Faults::within_text(const Node& node, std::size_t offset, std::size_t length, const std::string& code,
                         Words words) {
    Span span = node.span;
    const bool plain = span.end - span.begin == node.text.size() + 2; // else escapes: places inside are not known
    if (plain) span = {span.begin + 1 + offset, span.begin + 1 + offset + length};
    // The expression of a threshold given as a plain string has the path of the threshold itself.
    const Member* member = member_of(node);
    const bool shorthand = member != nullptr && node.parent->span.begin == node.span.begin;
    add(node, span, path_of(shorthand ? *node.parent : node), code, std::move(words));
}

void Faults::at_missing(const Node& object, const std::string& key, const std::string& code, Words words) {
    if (misspells(object, key)) return;
    const std::string above = path_of(object);
    add(object, {object.span.begin, object.span.begin + 1}, above.empty() ? key : above + "." + key, code,
        std::move(words));
}

void Faults::at_override(int index, const std::string& path, const std::string& code, Words words) {
    Issue issue;
    issue.code = code;
    issue.path = path;
    issue.message =
        fmt::format("override \"{}\": {}", overrides_[static_cast<std::size_t>(index)], std::move(words.message));
    issue.suggestion = std::move(words.suggestion);
    issue.help = std::move(words.help);
    ++errors_;
    issues_.push_back(std::move(issue));
}

void Faults::syntax(const SyntaxFault& fault) {
    Issue issue;
    issue.code = fault.code;
    issue.path = fault.path;
    issue.message = fault.message;
    issue.suggestion = fault.suggestion;
    place(issue, fault.span);
    ++errors_;
    issues_.push_back(std::move(issue));
}

std::vector<Issue> Faults::in_file_order() const {
    std::vector<Issue> sorted = issues_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Issue& a, const Issue& b) {
        const bool a_unplaced = a.line == 0, b_unplaced = b.line == 0;
        return std::tie(a_unplaced, a.line, a.column) < std::tie(b_unplaced, b.line, b.column);
    });
    return sorted;
}

int Faults::line_of(const Node& node) const {
    return node.from == Node::From::File ? source_.position(node.span.begin).line : 0;
}

bool Faults::in_own_overrides(const Issue& issue) const {
    if (variant_ == nullptr || issue.line == 0) return false;
    const Position begin = source_.position(variant_->span.begin), end = source_.position(variant_->span.end);
    const auto at = std::tie(issue.line, issue.column);
    return at >= std::tie(begin.line, begin.column) && at < std::tie(end.line, end.column);
}

void Faults::merge(const Faults& variant) {
    for (const Issue& issue : variant.issues_) {
        const bool own = variant.in_own_overrides(issue);
        const bool known = std::any_of(issues_.begin(), issues_.end(), [&](const Issue& mine) {
            const bool same_place = mine.line == issue.line && mine.column == issue.column;
            return mine.code == issue.code && mine.path == issue.path && (!own || same_place);
        });
        if (known) continue;
        if (issue.severity == Issue::Severity::Error) ++errors_;
        issues_.push_back(issue);
    }
}

} // namespace firstbyte::scenario
