#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace firstbyte::tools {
namespace {

/// Options that a result does not depend on.
bool beside_the_result(const CLI::Option& option) {
    constexpr std::array<std::string_view, 7> names{"jobs",      "out",     "format",     "ci",
                                                    "exit-zero", "dry-run", "show-config"};
    if (option.get_group() == "look" || option.get_lnames().empty()) return true;
    return std::find(names.begin(), names.end(), option.get_lnames().front()) != names.end();
}

std::string quoted(const std::string& word) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"_-./:=,%@+"}.find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    return out + "'";
}

} // namespace

std::vector<std::string> repeating_words(const Command& command, const CLI::App& parsed) {
    std::vector<std::string> words{"firstbyte", std::string{command.name}}, options;
    for (const CLI::Option* option : parsed.get_options()) {
        if (option->count() == 0) continue;
        if (option->get_positional()) {
            words.insert(words.end(), option->results().begin(), option->results().end());
            continue;
        }
        if (beside_the_result(*option)) continue;
        const std::string name = "--" + option->get_lnames().front();
        if (option->get_items_expected_max() == 0) { // a flag
            options.push_back(name);
            continue;
        }
        for (const std::string& value : option->results()) {
            options.push_back(name);
            options.push_back(value);
        }
    }
    words.insert(words.end(), options.begin(), options.end());
    return words;
}

std::string shell_text(const std::vector<std::string>& words, const std::string& seed) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool drawn = i > 0 && words[i - 1] == "--seed" && words[i] == "random" && !seed.empty();
        out += (i == 0 ? "" : " ") + quoted(drawn ? seed : words[i]);
    }
    return out;
}

} // namespace firstbyte::tools
