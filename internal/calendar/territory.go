package calendar

// territories lists the territories of a country that have a country code of their own. Their courts may sit under the
// country's name, so their zones are believed for its papers. Source: ISO 3166-1, the entries whose remarks name the
// country they belong to. Bouvet Island and Heard and McDonald Islands are left out, because nobody lives there.
func territories(country string) []string {
	switch country {
	case "AU":
		return []string{"CC", "CX", "NF"}
	case "CN":
		return []string{"HK", "MO"}
	case "DK":
		return []string{"FO", "GL"}
	case "FI":
		return []string{"AX"}
	case "FR":
		return []string{"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"}
	case "GB":
		return []string{"AI", "BM", "FK", "GG", "GI", "GS", "IM", "IO", "JE", "KY", "MS", "PN", "SH", "TC", "VG"}
	case "NL":
		return []string{"AW", "BQ", "CW", "SX"}
	case "NO":
		return []string{"SJ"}
	case "NZ":
		return []string{"CK", "NU", "TK"}
	case "US":
		return []string{"AS", "GU", "MP", "PR", "UM", "VI"}
	}
	return nil
}
