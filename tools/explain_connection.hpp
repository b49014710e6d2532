/// The story of one connection of a stored result.
#pragma once

#include <optional>
#include <string>

namespace firstbyte::tools {

struct ConnectionQuestion {
    std::string file; ///< a result.json
    std::string client, variant;
    int connection = 0; ///< counted from 0 within its group
};

/// Runs the result's scenario again, with its seed, and tells what happened on the connection: at the client, at the
/// edge and at the origin, which timer fired, which settings decide, with the values in force, and which other value of
/// each would have made it end well.
/// @throws UsageError          for a file that is no result, or when there is no such variant, client or connection
/// @throws std::runtime_error  when the file cannot be read
[[nodiscard]] std::string connection_story(const ConnectionQuestion& question);

/// How the requests of a result ended, and the command that tells the story of the first of each kind.
/// @throws as connection_story
[[nodiscard]] std::string outcomes_story(const std::string& file);

} // namespace firstbyte::tools
