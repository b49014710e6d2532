#include "scenario/presets.hpp"

#include <chrono>

namespace firstbyte::scenario {

namespace {

struct Preset {
    const char* name;
    int idle_seconds; ///< 0: never closes
};

// Built-in defaults as their documentation gives them: nginx keepalive_timeout, and its upstream keepalive_timeout;
// Apache KeepAliveTimeout; Node.js server.keepAliveTimeout; AWS ALB idle timeout; Go net/http Server.IdleTimeout,
// unset; Gunicorn keepalive; Uvicorn timeout_keep_alive; Tomcat's shipped connectionTimeout; IIS connectionTimeout;
// Google's external HTTP balancer towards backends (fixed); CloudFront origin keep-alive; Envoy idle_timeout; WordOps'
// nginx.
constexpr Preset presets[] = {
    {"nginx", 75},   {"nginx-upstream", 60}, {"apache", 5},   {"node", 5},    {"alb", 60},
    {"go", 0},       {"gunicorn", 2},        {"uvicorn", 5},  {"tomcat", 20}, {"iis", 120},
    {"gcp-lb", 600}, {"cloudfront", 5},      {"envoy", 3600}, {"wordops", 8},
};

} // namespace

std::string preset_names() {
    std::string names;
    for (const Preset& preset : presets) {
        if (!names.empty()) names += ' ';
        names += preset.name;
    }
    return names;
}

std::optional<Duration> preset_idle_timeout(std::string_view name) {
    for (const Preset& preset : presets) {
        if (name == preset.name && preset.idle_seconds != 0) return std::chrono::seconds{preset.idle_seconds};
    }
    return std::nullopt;
}

} // namespace firstbyte::scenario
