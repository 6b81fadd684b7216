// ALTER TABLE (and ALTER VIEW, INDEX, SEQUENCE, MATERIALIZED VIEW where they share its commands).
#include <algorithm>

#include "sql/facts_builder.h"
#include "sql/types.h"

namespace segue::sql {
namespace {

// What one command adds to the table's facts; other tables that it locks go to the builder.
class Command {
 public:
  Command(FactsBuilder& builder, const QualifiedName& table, Node command)
      : builder_(builder), table_(table), command_(command) {
    action_.command = command;
    action_.subtype = command["subtype"].text();
  }

  Action read() {
    const std::string_view type = action_.subtype;
    if (type == "AT_AddColumn") {
      add_column();
    } else if (type == "AT_AddConstraint") {
      add_constraint(command_["def"], {});
    } else if (type == "AT_AlterColumnType") {
      alter_type();
    } else if (type == "AT_SetNotNull") {
      action_.scans = !builder_.knowledge.proven_not_null(table_, column()) || builder_.version.major() < 12;
      if (action_.scans && builder_.knowledge.is_nullable(table_, column()) == false) action_.scans = false;
    } else if (type == "AT_DropColumn") {
      builder_.facts.reversible = false;
      referenced_tables_lock(column());
      if (command_["behavior"].text() == "DROP_CASCADE") {
        for (const QualifiedName& view : builder_.knowledge.readers(table_, column())) {
          builder_.touch("view", view, Role::drops, Lock::access_exclusive);
        }
      }
    } else if (type == "AT_DropConstraint") {
      referenced_tables_lock(column());
    } else if (type == "AT_ValidateConstraint") {
      action_.lock = Lock::share_update_exclusive;
      action_.scans = true;
      for (const QualifiedName& other : builder_.knowledge.referenced(table_, column())) {
        builder_.touch("table", other, Role::refers, Lock::row_share);
      }
    } else if (type == "AT_AttachPartition" || type == "AT_DetachPartition" || type == "AT_DetachPartitionFinalize") {
      partition();
    } else if (type == "AT_AddIdentity") {
      action_.lock = Lock::access_exclusive;
    } else if (type == "AT_SetLogged" || type == "AT_SetUnLogged") {
      action_.rewrites = true;
    } else if (type == "AT_SetAccessMethod" || type == "AT_SetTableSpace") {
      action_.rewrites = true;
      builder_.unsure("whether the table is there already; then nothing is rewritten");
    } else if (is_light(type)) {
      action_.lock = Lock::share_update_exclusive;
    } else if (is_trigger(type)) {
      action_.lock = Lock::share_row_exclusive;
    } else if (type == "AT_AddInherit" || type == "AT_DropInherit") {
      builder_.touch("table", name_of_relation(command_["def"]), Role::refers,
                     type == "AT_AddInherit" ? Lock::share_update_exclusive : Lock::access_share);
    } else if (type == "AT_SetRelOptions" || type == "AT_ResetRelOptions" || type == "AT_ReplaceRelOptions") {
      action_.lock = Lock::share_update_exclusive;
      for (const Node option : command_["def"]["items"]) {
        const std::string_view name = option["defname"].text();
        if (name == "user_catalog_table" || name == "security_barrier" || name == "security_invoker" ||
            name == "check_option") {
          action_.lock = Lock::access_exclusive;
        }
      }
    }
    return action_;
  }

 private:
  std::string column() const { return command_["name"].string(); }

  static bool is_light(std::string_view type) {
    return type == "AT_SetStatistics" || type == "AT_ClusterOn" || type == "AT_DropCluster" ||
           type == "AT_SetOptions" || type == "AT_ResetOptions";
  }
  static bool is_trigger(std::string_view type) {
    return type.starts_with("AT_EnableTrig") || type.starts_with("AT_DisableTrig") || type == "AT_EnableAlwaysTrig" ||
           type == "AT_EnableReplicaTrig";
  }

  // Dropping a foreign key locks both tables.
  void referenced_tables_lock(const std::string& of) {
    for (const QualifiedName& other : builder_.knowledge.referenced(table_, of)) {
      builder_.touch("table", other, Role::refers, Lock::access_exclusive);
    }
  }

  void add_column() {
    const Node column = command_["def"];
    const Node type = column["typeName"];
    if (is_serial(type)) action_.rewrites = true;
    const bool defaulted = add_default(column);
    if (const auto domain = builder_.knowledge.is_constrained_domain(name_of_list(type["names"])); domain == true) {
      action_.rewrites = true;
    }
    for (const Node constraint : column["constraints"]) {
      const std::string_view kind = constraint["contype"].text();
      if (kind == "CONSTR_IDENTITY") action_.rewrites = true;
      if (kind == "CONSTR_GENERATED") action_.rewrites = true;
      if (kind == "CONSTR_CHECK") action_.scans = true;
      if (kind == "CONSTR_UNIQUE" || kind == "CONSTR_PRIMARY") action_.scans = true;
      // Without a default every value is NULL and nothing needs checking.
      if (kind == "CONSTR_FOREIGN") {
        action_.scans = action_.scans || defaulted;
        builder_.refers(constraint, defaulted);
      }
    }
  }

  bool add_default(Node column) {
    for (const Node constraint : column["constraints"]) {
      if (constraint["contype"].text() != "CONSTR_DEFAULT") continue;
      const Node value = constraint["raw_expr"];
      const auto is_volatile = is_volatile_expression(value, builder_.knowledge);
      if (!is_volatile) builder_.unsure("whether the functions of the default are VOLATILE, which rewrites the table");
      if (is_volatile.value_or(true) || builder_.version.major() < 11) action_.rewrites = true;
      return !(value.is("A_Const") && value["isnull"].truth());
    }
    return false;
  }

  void add_constraint(Node constraint, const std::string&) {
    const std::string_view type = constraint["contype"].text();
    const bool skips = constraint["skip_validation"].truth();
    if (type == "CONSTR_FOREIGN") {
      action_.lock = Lock::share_row_exclusive;
      action_.scans = !skips;
      builder_.refers(constraint, !skips);
      for (const QualifiedName& partition : builder_.knowledge.partitions(table_)) {
        builder_.touch("table", partition, Role::alters, Lock::share_row_exclusive).scans = !skips;
      }
    } else if (type == "CONSTR_CHECK") {
      action_.scans = !skips;
    } else if (constraint["indexname"]) {
      // A primary key over a nullable column makes it NOT NULL, and looks.
      action_.scans = false;
      if (type == "CONSTR_PRIMARY") builder_.unsure("whether the columns are NOT NULL; if not, the table is scanned");
    } else if (type == "CONSTR_UNIQUE" || type == "CONSTR_PRIMARY" || type == "CONSTR_EXCLUSION") {
      action_.scans = true;
    }
  }

  // USING column::type says no more than the type does.
  bool is_plain_cast(Node using_expression, const std::string& type) const {
    if (!using_expression) return true;
    Node value = using_expression;
    if (value.is("TypeCast")) {
      if (type_text(value["typeName"]) != type) return false;
      value = value["arg"];
    }
    return value.is("ColumnRef") && last_name(value["fields"]) == column();
  }

  void alter_type() {
    const Node definition = command_["def"];
    const std::string after = type_text(definition["typeName"]);
    const auto before = builder_.knowledge.column_type(table_, column());
    const bool plain = is_plain_cast(definition["raw_default"], after);
    action_.rewrites = !plain || !before || !keeps_rows(*before, after, builder_.knowledge.timezone_is_utc());
    if (!before && plain) builder_.unsure("the column's type now; some changes of type rewrite nothing");
    action_.scans = action_.rewrites || builder_.knowledge.is_checked(table_, column()).value_or(false);
    for (const QualifiedName& other : builder_.knowledge.referencing(table_, column())) {
      builder_.touch("table", other, Role::refers, Lock::access_exclusive).scans = true;
    }
    builder_.facts.reversible = builder_.facts.reversible && !action_.rewrites;
  }

  void partition() {
    const QualifiedName part = name_of_relation(command_["def"]["name"]);
    const bool index = builder_.tree["objtype"].text() == "OBJECT_INDEX";
    const char* kind = index ? "index" : "table";
    if (action_.subtype == "AT_AttachPartition") {
      action_.lock = Lock::share_update_exclusive;
      builder_.touch(kind, part, Role::alters, Lock::access_exclusive).scans =
          !index && !builder_.knowledge.check_matches_bounds(part);
      const auto other = index ? std::nullopt : builder_.knowledge.default_partition(table_);
      if (other) builder_.touch("table", *other, Role::reads, Lock::access_exclusive).scans = true;
      return;
    }
    const bool concurrent = command_["def"]["concurrent"].truth() || action_.subtype == "AT_DetachPartitionFinalize";
    action_.lock = concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
    builder_.touch("table", part, Role::alters, Lock::access_exclusive);
    if (const auto other = builder_.knowledge.default_partition(table_)) {
      builder_.touch("table", *other, Role::reads, Lock::access_exclusive);
    }
    builder_.facts.transactional = builder_.facts.transactional && !command_["def"]["concurrent"].truth();
  }

  FactsBuilder& builder_;
  const QualifiedName& table_;
  Node command_;
  Action action_;
};

}  // namespace

bool alter_table_facts(FactsBuilder& builder) {
  const Node tree = builder.tree;
  if (!tree.is("AlterTableStmt")) return false;
  const std::string object = object_word(tree["objtype"].text());
  std::string word = "ALTER ";
  for (const char sign : object) word += static_cast<char>(sign >= 'a' && sign <= 'z' ? sign - 32 : sign);
  builder.is(object == "table" ? Kind::alter_table : Kind::alter_other, word);
  const QualifiedName table = name_of_relation(tree["relation"]);
  const std::size_t place = builder.facts.objects.size();
  builder.touch(object, table, Role::alters);
  Lock lock = Lock::none;
  bool scans = false;
  bool rewrites = false;
  for (const Node command : tree["cmds"]) {
    const Action action = Command(builder, table, command).read();
    lock = std::max(lock, action.lock);
    scans = scans || action.scans;
    rewrites = rewrites || action.rewrites;
    builder.facts.actions.push_back(action);
  }
  Touched& touched = builder.facts.objects[place];
  touched.lock = lock;
  touched.scans = scans;
  touched.rewrites = rewrites;
  return true;
}

}  // namespace segue::sql
