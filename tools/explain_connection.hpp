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
/// edge and at the origin, which timer fired, and which settings decide, with the values in force.
/// @throws UsageError          for a file that is no result, or when there is no such variant, client or connection
/// @throws std::runtime_error  when the file cannot be read
[[nodiscard]] std::string connection_story(const ConnectionQuestion& question);

} // namespace firstbyte::tools
