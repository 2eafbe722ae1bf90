#include "providers/parquet/plugin.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace fs = std::filesystem;
using operators::TaskFailedForGood;

constexpr const char* in_plugins = "plugins/parquet/venturi-parquet.so";
constexpr const char* install = "venturi plugins install parquet";

std::string find_plugin() {
  std::string looked;
  const auto is_there = [&looked](const fs::path& path) {
    looked += (looked.empty() ? "" : " or ") + path.string();
    return ::access(path.c_str(), R_OK) == 0;
  };
  // The worker's mark on everything that it starts: the home.
  if (const char* home = std::getenv("VENTURI_WORKER"); home != nullptr && *home != '\0') {
    fs::path path = fs::path(home) / in_plugins;
    if (is_there(path)) return path.string();
  }
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    fs::path path = self.parent_path().parent_path() / "lib/venturi" / in_plugins;
    if (is_there(path)) return path.string();
  }
  throw TaskFailedForGood(fmt::format("Parquet needs its plugin, and there is none on this machine ({}): {}", looked, install));
}

}  // namespace

const VenturiParquet& load_parquet() {
  const std::string path = find_plugin();
  // Never closed: Arrow has threads and tables that must not lose their code.
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    throw TaskFailedForGood(fmt::format("the Parquet plugin cannot be loaded: {}; make it anew: {}",
                                        why == nullptr ? path : std::string(why), install));
  }
  const auto function = reinterpret_cast<VenturiParquetFunction>(::dlsym(library, VENTURI_PARQUET_SYMBOL));
  const VenturiParquet* const plugin = function == nullptr ? nullptr : function();
  if (plugin == nullptr) throw TaskFailedForGood(fmt::format("{} is no Parquet plugin of Venturi: {}", path, install));
  if (plugin->abi != VENTURI_PARQUET_ABI) {
    throw TaskFailedForGood(
        fmt::format("the Parquet plugin {} is of another version of Venturi (it has number {}, this one "
                    "needs {}); make it anew: {}",
                    path, plugin->abi, VENTURI_PARQUET_ABI, install));
  }
  return *plugin;
}

void check_parquet(const VenturiParquet& plugin, char* text, const std::string& where) {
  if (text == nullptr) return;
  const std::string what = text;
  plugin.free_text(text);
  throw operators::TaskFailed(where + ": " + what);
}

}  // namespace venturi::providers
