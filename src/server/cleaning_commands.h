// `db clean` and `db drop-archived`, in a server or without one (commands.h):
//
//   command            members                                                        result
//   db clean           before, tables: [text], dry_run?, archive? (suffix; without    tables: {name: rows}, kept: runs that
//                      it nothing is kept), dag_ids?, exclude_dag_ids?: [text]        were needed in the meantime
//   db drop-archived   tables: [names of archive tables]
#pragma once

#include <span>
#include <string_view>

#include "server/commands.h"
#include "server/retention.h"

namespace venturi::server {

// What `db clean` knows, as Airflow calls it: what belongs to a run goes with it.
[[nodiscard]] std::span<const std::string_view> cleanable_tables();

// All outlive the commands.
void add_cleaning_commands(Commands& commands, Scheduler& scheduler, Retention& retention);

}  // namespace venturi::server
