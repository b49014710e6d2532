#include "remedies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

namespace firstbyte::tools {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_elements = 4; // of a list that are looked at. Model choice: enough to read
constexpr int doublings = 5;
constexpr int bisections = 6; // of a factor of 2: 2^(1/64) is 1.1 %

struct Setting {
    std::string path;
    Json value; ///< null: not set
};

/// The places that a pattern names, lists by the ids of their elements.
void settings_at(const Json& value, const std::string& pattern, const std::string& path, std::vector<Setting>& out) {
    const auto joined = [&path](const std::string& name) { return path.empty() ? name : path + "." + name; };
    const std::size_t end = std::min(pattern.find('.'), pattern.size());
    std::string head = pattern.substr(0, end);
    const std::string rest = end == pattern.size() ? std::string() : pattern.substr(end + 1);
    const bool list = head.ends_with("[]");
    if (list) head.resize(head.size() - 2);
    const Json inner = value.is_object() && value.contains(head) ? value[head] : Json();
    if (!list && rest.empty()) return out.push_back({joined(head), inner});
    if (!list) return settings_at(inner, rest, joined(head), out);
    if (!inner.is_array()) return;
    for (std::size_t i = 0; i < std::min(inner.size(), most_elements); ++i) {
        const Json& element = inner[i];
        const std::string here = element.is_object() && element.contains("id")
                                     ? joined(head) + "." + element["id"].get<std::string>()
                                     : fmt::format("{}[{}]", joined(head), i);
        if (rest.empty())
            out.push_back({here, element});
        else
            settings_at(element, rest, here, out);
    }
}

/// A number with its unit: "125s", 8, "16KiB".
struct Quantity {
    double number = 0;
    std::string unit;
    bool whole = false;

    [[nodiscard]] Quantity times(double factor) const {
        Quantity out = *this;
        out.number = whole ? std::round(number * factor) : number * factor;
        return out;
    }
    [[nodiscard]] std::string text() const {
        if (whole) return fmt::format("{:.0f}{}", number, unit);
        return fmt::format("{:.3g}", number).find('e') == std::string::npos ? fmt::format("{:.3g}{}", number, unit)
                                                                            : fmt::format("{:.0f}{}", number, unit);
    }
};

std::optional<Quantity> quantity_of(const Json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : "";
    Quantity out;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out.number);
    if (error != std::errc{} || out.number <= 0) return std::nullopt;
    out.unit.assign(stop, text.data() + text.size());
    const bool plain = out.unit.empty() || out.unit == "B";
    out.whole = plain && out.number == std::floor(out.number) && out.number >= 1;
    if (out.unit.find(' ') != std::string::npos || out.unit == "%") return std::nullopt;
    return out;
}

class Search {
public:
    Search(const TryAgain& try_again, int runs) : try_again_(try_again), runs_left_(runs) {}

    std::string finding(const Setting& setting, const std::string& kind) {
        if (setting.value.is_boolean()) {
            const char* other = setting.value.get<bool>() ? "false" : "true";
            return good(setting.path, other) ? with(other) : none(other);
        }
        if (kind.find(" | ") != std::string::npos) return of_choice(setting, kind);
        const auto quantity = quantity_of(setting.value);
        return quantity ? of_quantity(setting.path, *quantity) : std::string();
    }

private:
    static std::string with(const std::string& value) { return "ends well with " + value; }
    [[nodiscard]] std::string none(const std::string& tried) const {
        return runs_left_ < 0 ? std::string() : "does not help (tried " + tried + ")";
    }

    bool good(const std::string& path, const std::string& value) {
        return --runs_left_ >= 0 && try_again_({path, value});
    }

    std::string of_choice(const Setting& setting, const std::string& kind) {
        const std::string now = setting.value.is_string() ? setting.value.get<std::string>() : "";
        std::string tried;
        std::istringstream words(kind);
        for (std::string word; words >> word;) {
            if (word == "|" || word == now) continue;
            if (good(setting.path, word)) return with(word);
            tried += (tried.empty() ? "" : ", ") + word;
        }
        return none(tried);
    }

    std::string of_quantity(const std::string& path, const Quantity& now) {
        for (const double factor : {2.0, 0.5}) {
            Quantity bad = now;
            for (int i = 0; i < doublings; ++i) {
                const Quantity next = bad.times(factor);
                if (next.number == bad.number || next.number <= 0) break;
                if (good(path, next.text())) return between(path, bad, next);
                bad = next;
            }
        }
        const Quantity least = now.times(std::pow(0.5, doublings)), most = now.times(std::pow(2.0, doublings));
        return none(fmt::format("{} to {}", least.number > 0 ? least.text() : now.text(), most.text()));
    }

    std::string between(const std::string& path, Quantity bad, Quantity well) {
        for (int i = 0; i < bisections; ++i) {
            const Quantity middle = bad.times(std::sqrt(well.number / bad.number));
            if (middle.text() == bad.text() || middle.text() == well.text()) break;
            (good(path, middle.text()) ? well : bad) = middle;
        }
        return fmt::format("ends well with {}, not yet with {}", well.text(), bad.text());
    }

    const TryAgain& try_again_;
    int runs_left_;
};

std::string text_of(const Json& value) {
    if (value.is_null()) return "not set";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

} // namespace

std::vector<Remedy> remedies(const std::vector<std::string>& settings, const Json& effective, const TryAgain& try_again,
                             int runs) {
    std::vector<Remedy> out;
    Search search(try_again, runs);
    const std::vector<KeyDoc> keys = scenario_keys();
    for (const std::string& pattern : settings) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const KeyDoc& k) { return k.path == pattern; });
        std::vector<Setting> found;
        settings_at(effective, pattern, "", found);
        for (const Setting& setting : found)
            out.push_back({setting.path, text_of(setting.value),
                           search.finding(setting, key == keys.end() ? std::string() : key->kind)});
    }
    return out;
}

} // namespace firstbyte::tools
