#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"
#include "report/format.hpp"
#include "report/topics.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// The parts of a path: `origins[].service_time` has the parts origins, [] and service_time; an index in brackets is
/// a part of its own, as an id between dots is.
std::vector<std::string> path_parts(std::string_view path) {
    std::vector<std::string> out;
    std::string part;
    const auto finish = [&] {
        if (!part.empty()) out.push_back(std::exchange(part, {}));
    };
    for (const char c : path) {
        if (c == '.' || c == '[') finish();
        if (c != '.') part += c;
    }
    finish();
    return out;
}

/// True when `asked` names the key. The element of a list may be given by index, id or star, or be left out:
/// `origins.us-east.service_time`, `origins[0].service_time` and `origins.service_time` are all one key.
bool same_key(std::span<const std::string> key, std::span<const std::string> asked) {
    if (key.empty()) return asked.empty();
    if (key.front() != "[]") {
        return !asked.empty() && asked.front() == key.front() && same_key(key.subspan(1), asked.subspan(1));
    }
    return same_key(key.subspan(1), asked) || (!asked.empty() && same_key(key.subspan(1), asked.subspan(1)));
}

std::string key_text(const KeyDoc& key) {
    std::string text = key.doc;
    if (!text.empty() && !text.ends_with('.')) text += '.';
    text += fmt::format("\nKind: {}.", key.kind);
    text += key.default_value.empty() ? " No default." : fmt::format(" Default: {}.", key.default_value);
    if (!key.supported) text += "\nThis version refuses the key (E110).";
    return text;
}

/// The topic's name, then its prose, each paragraph wrapped and indented below the first.
std::string topic_text(const std::string& name, const std::string& prose) {
    constexpr std::size_t indent = 5;
    std::string out = name;
    const bool short_name = shown_width(name) + 2 <= indent;
    out += short_name ? pad_right("", indent - shown_width(name)) : "\n" + std::string(indent, ' ');
    std::string_view rest = prose;
    bool first = true;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (!first) out += "\n" + std::string(indent, ' ');
        out += wrapped(rest.substr(0, end), indent, indent);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        first = false;
    }
    return out + "\n";
}

/// One line for each topic: its name and the beginning of what it says.
std::string list_text(const std::string& title, const std::vector<Topic>& topics) {
    std::size_t widest = 0;
    for (const Topic& topic : topics) widest = std::max(widest, shown_width(topic.name));
    std::string out = title + "\n";
    for (const Topic& topic : topics) {
        const std::string head = "  " + pad_right(topic.name, widest) + "  ";
        const std::string_view line = std::string_view(topic.text).substr(0, topic.text.find('\n'));
        constexpr std::size_t ellipsis_width = 4;
        const std::string words = wrapped(line, shown_width(head) + ellipsis_width, 0);
        const bool cut = words.find('\n') != std::string::npos;
        out += head + words.substr(0, words.find('\n')) + (cut ? " ..." : "") + "\n";
    }
    return out;
}

/// One word may name several things, as `reset` does a cause and a mode: their texts follow one another.
std::vector<Topic> merged(const std::vector<std::vector<Topic>>& lists) {
    std::vector<Topic> out;
    for (const std::vector<Topic>& list : lists) {
        for (const Topic& topic : list) {
            const auto same =
                std::find_if(out.begin(), out.end(), [&](const Topic& other) { return other.name == topic.name; });
            if (same == out.end()) {
                out.push_back(topic);
            } else {
                same->text += "\n" + topic.text;
            }
        }
    }
    return out;
}

std::vector<Topic> own_topics() {
    return merged({code_topics(), cause_topics(), view_topics(), metric_topics(), timer_topics(), event_topics(),
                   mode_topics(), general_topics()});
}

/// Topics that list others.
struct TopicList {
    const char* name;
    std::vector<Topic> (*topics)();
};
constexpr TopicList topic_lists[] = {{"metrics", metric_topics},      {"outcome codes", code_topics},
                                     {"causes", cause_topics},        {"client views", view_topics},
                                     {"timers", timer_topics},        {"event kinds", event_topics},
                                     {"origin failures", mode_topics}};

std::optional<std::string> list_of(const std::string& topic) {
    for (const TopicList& list : topic_lists) {
        if (topic == list.name) return list_text(topic + "; explain NAME tells more", list.topics());
    }
    if (topic == "outcomes") return list_of("outcome codes");
    return std::nullopt;
}

} // namespace

std::string explain(const std::string& topic) {
    if (const auto list = list_of(topic)) return *list;
    const std::vector<KeyDoc> keys = scenario_keys();
    const auto key_named = std::find_if(keys.begin(), keys.end(), [&](const KeyDoc& key) { return key.path == topic; });
    for (const Topic& own : own_topics()) {
        if (own.name != topic) continue;
        return topic_text(own.name, key_named == keys.end() ? own.text : own.text + "\nkey: " + key_text(*key_named));
    }
    for (const auto& [code, text] : scenario_error_codes()) {
        if (code == topic) return topic_text(code, text);
    }
    if (key_named != keys.end()) return topic_text(key_named->path, key_text(*key_named));
    for (const KeyDoc& key : keys) {
        if (same_key(path_parts(key.path), path_parts(topic))) return topic_text(key.path, key_text(key));
    }
    return {};
}

std::vector<std::string> explain_topics() {
    std::vector<std::string> out;
    for (const TopicList& list : topic_lists) out.emplace_back(list.name);
    for (const Topic& topic : own_topics()) out.push_back(topic.name);
    for (const auto& [code, text] : scenario_error_codes()) out.push_back(code);
    for (const KeyDoc& key : scenario_keys()) out.push_back(key.path);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

} // namespace firstbyte
