/// The way from text to a checked scenario.
#include "firstbyte/scenario.hpp"

#include "core/sha256.hpp"
#include "scenario/consistency.hpp"
#include "scenario/effective.hpp"
#include "scenario/normalise.hpp"
#include "scenario/overrides.hpp"
#include "scenario/reader.hpp"
#include "scenario/shape.hpp"
#include "scenario/thresholds.hpp"
#include "scenario/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte {

ScenarioError::ScenarioError(std::string file, std::vector<Issue> issues)
    : std::runtime_error(fmt::format("{}: {} {} in the scenario{}", file, issues.size(),
                                     issues.size() == 1 ? "error" : "errors",
                                     issues.empty() ? "" : "; first: " + issues.front().message)),
      file_(std::move(file)), issues_(std::move(issues)) {}

namespace {

using namespace scenario;

/// Brings the document into its full form, checks it, and reads it.
Scenario read_document(Faults& faults, Node& root, const std::string& file, Purpose purpose) {
    Scenario result;
    result.file = file;
    fill_defaults(root);
    link_parents(root);
    if (!check_shape(faults, root, purpose)) return result;
    const AllNames names = read_scenario(faults, root, result);
    read_thresholds(faults, root, names, result);
    check_consistency(faults, root, result, purpose);
    if (!faults.any_error()) warn(faults, root, result);
    return result;
}

/// A variant is loaded as `compare` would load it, so that its faults are found with those of the file. When the file
/// has faults of its own, only the paths, kinds and ranges of the overrides are told: the rest may follow from those.
void check_variants(Faults& faults, const SourceText& source, const std::vector<std::string>& overrides,
                    const Node& before_defaults, const Node& full, const std::string& file, Purpose purpose) {
    const Node* variants = full.find("variants");
    const Node* format = full.find("format");
    // Nothing can be said about the keys of another format.
    if (variants == nullptr || (format != nullptr && format->faulty)) return;
    const bool base_is_clean = !faults.any_error();
    for (const Member& variant : variants->members) {
        Faults found(source, overrides);
        found.enter_variant(variant.key, variant.value);
        Node root = before_defaults;
        for (const Member& set : variant.value.members)
            apply_override(found, root, set.key, set.value, &set.value, base_is_clean);
        if (!base_is_clean) {
            fill_defaults(root);
            link_parents(root);
            check_shape(found, root, purpose);
        } else if (!found.any_error()) {
            read_document(found, root, file, purpose);
        }
        faults.merge(found);
    }
}

} // namespace

namespace {

/// A document in its full form, and what was read from it.
struct Loaded {
    Node root;
    Scenario scenario;
};

Loaded load_document(const SourceText& source, const std::string& file, const std::vector<Override>& overrides,
                     Purpose purpose, std::vector<Issue>* warnings) {
    std::vector<std::string> typed;
    for (const Override& set : overrides) typed.push_back(set.path + "=" + set.value);
    Faults faults(source, typed);

    Loaded loaded;
    Node& root = loaded.root;
    std::vector<SyntaxFault> syntax;
    const bool whole = parse_document(source, root, syntax);
    for (const SyntaxFault& fault : syntax) faults.syntax(fault);
    if (!whole) throw ScenarioError(file, faults.in_file_order());

    expand_shorthands(root, "");
    for (std::size_t i = 0; i < overrides.size() && root.is_object(); ++i) {
        const Node value = parse_value(overrides[i].value, Node::From::Override, static_cast<int>(i));
        apply_override(faults, root, overrides[i].path, value, nullptr);
    }
    const bool any_variant = root.find("variants") != nullptr;
    const Node before_defaults = any_variant ? root : Node{};
    loaded.scenario = read_document(faults, root, file, purpose);
    if (any_variant) check_variants(faults, source, typed, before_defaults, root, file, purpose);

    std::vector<Issue> issues = faults.in_file_order();
    const auto is_error = [](const Issue& issue) { return issue.severity == Issue::Severity::Error; };
    if (faults.any_error()) {
        issues.erase(std::remove_if(issues.begin(), issues.end(), [&](const Issue& issue) { return !is_error(issue); }),
                     issues.end());
        throw ScenarioError(file, std::move(issues));
    }
    const std::vector<std::string>& allow = loaded.scenario.allow;
    for (Issue& issue : issues) {
        const bool silent = std::find(allow.begin(), allow.end(), issue.code) != allow.end();
        if (!silent && warnings != nullptr) warnings->push_back(std::move(issue));
    }
    return loaded;
}

} // namespace

Scenario load_scenario(const std::string& text, const std::string& file, const std::vector<Override>& overrides,
                       Purpose purpose, std::vector<Issue>* warnings) {
    Loaded loaded = load_document(SourceText(text), file, overrides, purpose, warnings);
    loaded.scenario.sha256 = sha256_hex(text);
    loaded.scenario.effective_json = effective_json(loaded.root);
    return std::move(loaded.scenario);
}

std::string annotated_scenario(const std::string& text, const std::string& file,
                               const std::vector<Override>& overrides) {
    const SourceText source(text);
    const Loaded loaded = load_document(source, file, overrides, Purpose::Simulate, nullptr);
    std::vector<std::string> set_by;
    for (const Override& set : overrides) set_by.push_back(set.from);
    return annotated_json(loaded.root, source, set_by);
}

std::optional<Duration> duration_from(const std::string& text) {
    const scenario::Parsed<Duration> parsed = scenario::parse_duration(text);
    return parsed ? std::optional{parsed.value} : std::nullopt;
}

} // namespace firstbyte
