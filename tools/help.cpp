#include "help.hpp"

#include "common.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

namespace firstbyte::tools {
namespace {

constexpr std::size_t text_width = 80;   // columns of a terminal that nobody has made wider
constexpr std::size_t column_width = 28; // the longest heading of an option and two spaces

/// "-o, --out PATH"
std::string option_heading(const CLI::Option& option) {
    if (option.get_positional()) return option.get_name(true, false);
    std::string heading;
    for (const std::string& name : option.get_snames()) heading += "-" + name + ", ";
    for (const std::string& name : option.get_lnames()) heading += "--" + name + ", ";
    heading.resize(heading.size() - 2);
    if (option.get_items_expected_max() > 0) heading += " " + option.get_type_name();
    return heading;
}

std::string option_line(const CLI::Option& option, bool detailed) {
    std::string description = option.get_description();
    if (!option.get_default_str().empty()) description += fmt::format(" [{}]", option.get_default_str());
    if (detailed && !option.get_envname().empty()) description += fmt::format(" (env {})", option.get_envname());
    std::string text, line = fmt::format("  {:<{}}", option_heading(option), column_width - 3);
    std::istringstream words{description};
    for (std::string word; words >> word;) {
        if (line.size() + 1 + word.size() > text_width) {
            text += line + "\n";
            line = std::string(column_width - 1, ' ');
        }
        line += " " + word;
    }
    return text + line + "\n";
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, substitution});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

/// Commands that the design names and this version does not have. They are refused by name, so that nobody looks for
/// a spelling mistake, and do not appear in the help.
constexpr std::array<std::string_view, 1> planned{"ui"};

} // namespace

Action prepare(CLI::App& app, const Command& command, Look& look) {
    app.set_help_flag();
    Action action = command.declare(app, look);
    add_look_options(app, look);
    app.set_help_flag("-h", "short help")->group("look");
    app.set_help_all_flag("--help", "this help")->group("look");
    return action;
}

std::string overview() {
    std::string text = "usage: firstbyte COMMAND [options] [SCENARIO]\n\n"
                       "e.g.   firstbyte init tfo-minimal && firstbyte run tfo-minimal.fb.json\n";
    std::string_view group;
    for (const Command& command : commands()) {
        if (command.group != group) text += fmt::format("{}\n", group = command.group);
        text += fmt::format("  {:<12} {}\n", command.name, command.summary);
    }
    return text + "firstbyte COMMAND -h shows its options, --help all of them; -V the version.\n";
}

std::string command_help(const Command& command, const CLI::App& app, bool detailed) {
    std::string text = fmt::format("usage: firstbyte {} {}\n{}\n\ne.g.   {}\n", command.name, command.arguments,
                                   command.summary, command.example);
    bool shortened = false;
    for (const std::string& group : app.get_groups()) {
        if (!detailed && (group == "look" || group == "statistics" || group == "parts")) {
            shortened = true;
            continue;
        }
        text += group + "\n";
        for (const CLI::Option* option : app.get_options())
            if (option->get_group() == group) text += option_line(*option, detailed);
    }
    if (shortened) text += "--help shows every option\n";
    return text;
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t d = distance(word, candidate);
        // Among equals the longer one: a letter left out is likelier than a wrong one (--sed: --seed, not --set).
        const bool better = d < least || (d == least && !best.empty() && candidate.size() > best.size());
        if (better && d < std::max(word.size(), candidate.size())) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string candidate = nearest(word, candidates);
    return candidate.empty() ? "" : fmt::format("; did you mean \"{}\"?", candidate);
}

std::string parse_failure(const CLI::App& app, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments) {
    // CLI11 reports a missing SCENARIO before an unknown flag, but the flag is what its author mistyped.
    for (const std::string& word : app.remaining()) {
        if (word.size() < 2 || word.front() != '-') continue;
        const std::string flag = word.substr(0, word.find('='));
        return fmt::format("unknown option \"{}\"{}", flag, did_you_mean(flag, option_names(app)));
    }
    if (!app.remaining().empty()) return fmt::format("one argument too many: \"{}\"", app.remaining().front());

    std::string sentence = error.what();
    if (error.get_name() == "ArgumentMismatch") return sentence.substr(0, sentence.find(':')) + " needs a value";
    for (const CLI::Option* option : app.get_options()) {
        const std::string name = option->get_name();
        const bool concerned = sentence.rfind(name + ":", 0) == 0;
        const bool typed = std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
            return argument.rfind(name, 0) == 0 ||
                   (!option->get_snames().empty() && argument.rfind("-" + option->get_snames().front(), 0) == 0);
        });
        if (concerned && !typed && !option->get_envname().empty() && std::getenv(option->get_envname().c_str()))
            sentence += fmt::format(" (value of the environment variable {})", option->get_envname());
    }
    return sentence;
}

std::string unknown_command(std::string_view word) {
    if (std::find(planned.begin(), planned.end(), word) != planned.end())
        return fmt::format("the command \"{}\" is not available yet", word);
    if (!word.empty() && word.front() == '-')
        return fmt::format("unknown option \"{}\" before the command: options follow the command", word);
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    return fmt::format("unknown command \"{}\"{}", word, did_you_mean(word, names));
}

} // namespace firstbyte::tools
