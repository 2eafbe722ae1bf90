// Parquet, by a plugin that is no part of the program (plugin/venturi_parquet.h): it is loaded in the process of the one try
// that needs it, never in the server, the worker or the operator host.
#pragma once

#include <string>

#include "providers/parquet/plugin/venturi_parquet.h"

namespace venturi::providers {

// Loads it: that of the home ($VENTURI_HOME/plugins/parquet), or the one that is installed with the program
// (<prefix>/lib/venturi/plugins/parquet). Throws TaskFailedForGood, saying what to do, where there is none or it does not fit.
[[nodiscard]] const VenturiParquet& load_parquet();

// What a function of the plugin gave: throws TaskFailed with the text, behind `where`; null is fine.
void check_parquet(const VenturiParquet& plugin, char* text, const std::string& where);

}  // namespace venturi::providers
