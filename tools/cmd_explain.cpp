/// `firstbyte explain`: prose on a status code, a metric, a key or an error code; the story of a connection.
#include "common.hpp"
#include "explain_connection.hpp"
#include "help.hpp"

#include <fmt/format.h>

#include <memory>

namespace firstbyte::tools {
namespace {

struct ExplainOptions {
    std::vector<std::string> words;
    bool list = false;
    int connection = -1; ///< -1: not given
    std::string client, variant;
    std::string reference; ///< page
};

/// @throws UsageError  with the nearest topic
std::string prose_on(const std::string& topic) {
    std::string prose = explain(topic);
    if (prose.empty())
        throw UsageError(fmt::format("nothing is known about \"{}\"{} (firstbyte explain --list shows every topic)",
                                     topic, did_you_mean(topic, explain_topics())));
    return prose;
}

int explain_topics_asked(const ExplainOptions& options, const Look& look) {
    std::string text;
    if (!options.reference.empty()) {
        text = reference_markdown(options.reference);
    } else if (options.connection >= 0) {
        if (options.words.size() != 1 || options.list)
            throw UsageError("--conn asks about one connection of one result: explain RESULT.json --conn N");
        text = connection_story({options.words.front(), options.client, options.variant, options.connection});
    } else if (!options.client.empty() || !options.variant.empty()) {
        throw UsageError("--client and --variant choose a connection of a result, together with --conn N");
    } else if (options.list) {
        for (const std::string& topic : explain_topics()) text += topic + "\n";
    } else if (options.words.empty()) {
        throw UsageError("explain what? name a topic, such as 522, ttfb or E205; --list shows all");
    } else {
        // A topic may be of two words ("exit codes"): first all of them together, then one by one.
        const bool file = options.words.size() == 1 && options.words.front().ends_with(".json");
        text = file ? outcomes_story(options.words.front()) : explain(fmt::format("{}", fmt::join(options.words, " ")));
        if (text.empty()) {
            for (const std::string& word : options.words) {
                if (!text.empty()) text += "\n";
                text += prose_on(word);
                if (text.back() != '\n') text += "\n";
            }
        }
    }
    if (look.quiet < 2) print_result(text);
    return exit_ok;
}

} // namespace

Action declare_explain(CLI::App& app, Look& look) {
    const auto options = std::make_shared<ExplainOptions>();
    app.add_option("TOPIC", options->words,
                   "such as 522, ttfb, E205 or exit codes; or a result.json: how requests ended")
        ->group("input");
    app.add_flag("--list", options->list, "every topic")->group("output");
    app.add_option("--reference", options->reference, "all as Markdown: keys, metrics, outcomes or codes")
        ->type_name("PAGE")
        ->check(one_of({"keys", "metrics", "outcomes", "codes"}))
        ->group("output");
    app.add_option("--conn", options->connection, "story of connection N of a result.json, counted from 0")
        ->type_name("N")
        ->check(whole_number(0))
        ->group("a connection of a result");
    app.add_option("--client", options->client, "its client group [the only one]")
        ->type_name("ID")
        ->group("a connection of a result");
    app.add_option("--variant", options->variant, "a variant of the result [the first]")
        ->type_name("NAME")
        ->group("a connection of a result");
    return [options, &look] { return explain_topics_asked(*options, look); };
}

} // namespace firstbyte::tools
