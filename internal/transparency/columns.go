package transparency

import "slices"

// The names of the tables; each is printed as NAME.csv.
const (
	Received         = "received"
	Requests         = "requests"
	Accounts         = "accounts"
	SecrecyOrders    = "secrecy_orders"
	UserNotices      = "user_notices"
	Challenges       = "challenges"
	NationalSecurity = "national_security"
)

// kind says what the cells of a column hold.
type kind string

const (
	word  kind = "string"
	count kind = "integer"
	// days is a number of whole days, empty where too few cases, or none, stand behind it.
	days kind = "days"
	day  kind = "date"
)

// Column is one column of a table.
type Column struct {
	Name string
	kind kind
	// values are those that a cell may have; nil where it may have any.
	values []string
}

// Schema is one table of the report: its columns, of which the first Keys name the row.
type Schema struct {
	Name    string
	Columns []Column
	Keys    int
	// Suppressed is true where small counts are left empty.
	Suppressed bool
}

// column is the place of a column.
func (s *Schema) column(name string) int {
	return slices.IndexFunc(s.Columns, func(c Column) bool { return c.Name == name })
}

// header lists the names of the columns.
func (s *Schema) header() []string {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	return names
}

func texts(names ...string) []Column { return columns(word, names...) }

func counts(names ...string) []Column { return columns(count, names...) }

func columns(k kind, names ...string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Name: n, kind: k}
	}
	return out
}

func oneOf[T ~string](name string, values []T) Column {
	c := Column{Name: name, kind: word}
	for _, v := range values {
		c.values = append(c.values, string(v))
	}
	return c
}

// Schemas lists the tables in the order of the report.
func Schemas() []Schema {
	where := texts("period", "country")
	instrument := oneOf("request_type", RequestTypes())
	return []Schema{
		{Name: Received, Keys: 3, Columns: slices.Concat(where, []Column{instrument}, counts("received"))},
		{Name: Requests, Keys: 4, Columns: slices.Concat(where, []Column{instrument, oneOf("outcome", Outcomes())},
			counts("requests", "accounts_specified", "accounts_with_data"))},
		{Name: Accounts, Keys: 4, Suppressed: true, Columns: slices.Concat(texts("period"),
			[]Column{oneOf("account_class", AccountClasses())}, texts("account_type", "account_country"),
			counts("accounts"))},
		{Name: SecrecyOrders, Keys: 3, Columns: slices.Concat(where, []Column{oneOf("kind", OrderKinds())},
			counts("received", "deficient", "challenged", "extended", "ended_early", "expired", "in_force_at_end",
				"without_end_date"), columns(days, "median_days", "max_days"))},
		{Name: UserNotices, Keys: 2, Columns: slices.Concat(where,
			counts("owed_at_start", "disclosed", "before_disclosure", "at_disclosure", "after_restraint", "otherwise",
				"cancelled", "undeliverable", "withheld_order", "withheld_statute", "withheld_exception", "held",
				"overdue", "pending", "unconfirmed", "before_only"),
			columns(days, "median_days_after_end", "max_days_after_end"))},
		{Name: Challenges, Keys: 4, Suppressed: true, Columns: slices.Concat(texts("period"),
			[]Column{oneOf("about", []string{"order", "request"}), oneOf("ground", append(Grounds(), AnyGround)),
				oneOf("account_class", ChallengeClasses())},
			counts("raised", "succeeded", "partly", "failed", "pending"))},
		{Name: NationalSecurity, Keys: 3, Columns: slices.Concat(texts("period_label", "structure", "category", "band"),
			columns(day, "published_from"))},
	}
}

// schemaOf is the schema of a table; nil for a name that is none.
func schemaOf(name string) *Schema {
	all := Schemas()
	if i := slices.IndexFunc(all, func(s Schema) bool { return s.Name == name }); i >= 0 {
		return &all[i]
	}
	return nil
}
