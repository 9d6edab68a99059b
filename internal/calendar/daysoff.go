package calendar

import (
	"slices"
	"strings"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// nationwide are the holidays kept somewhere in the country, by ISO 3166-1 code, as github.com/rickar/cal knows them: the
// country's own, and those of every region where the library has them by region (Australia, Germany, Switzerland). For
// the United States they are the federal ones; a state's further holidays are not known.
func nationwide(country string) []*cal.Holiday {
	switch country {
	case "AR":
		return ar.Holidays
	case "AU":
		return slices.Concat(au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA)
	case "BR":
		return br.Holidays
	case "CA":
		return ca.Holidays
	case "JP":
		return jp.Holidays
	case "MW":
		return mw.Holidays
	case "NZ":
		return nz.Holidays
	case "US":
		return us.Holidays
	case "ZA":
		return za.Holidays
	}
	return european(country)
}

func european(country string) []*cal.Holiday {
	switch country {
	case "AT":
		return at.Holidays
	case "BE":
		return be.Holidays
	case "BG":
		return bg.Holidays
	case "CH":
		return slices.Concat(ch.Holidays, ch.HolidaysAG, ch.HolidaysAI, ch.HolidaysAR, ch.HolidaysBE, ch.HolidaysBL, ch.HolidaysBS, ch.HolidaysFR, ch.HolidaysGE, ch.HolidaysGL, ch.HolidaysGR, ch.HolidaysJU, ch.HolidaysLU, ch.HolidaysNE, ch.HolidaysNW, ch.HolidaysOW, ch.HolidaysSG, ch.HolidaysSH, ch.HolidaysSO, ch.HolidaysSZ, ch.HolidaysTG, ch.HolidaysTI, ch.HolidaysUR, ch.HolidaysVD, ch.HolidaysVS, ch.HolidaysZG, ch.HolidaysZH)
	case "CZ":
		return cz.Holidays
	case "DE":
		return slices.Concat(de.Holidays, de.HolidaysBB, de.HolidaysBE, de.HolidaysBW, de.HolidaysBY, de.HolidaysHB, de.HolidaysHE, de.HolidaysHH, de.HolidaysMV, de.HolidaysNI, de.HolidaysNW, de.HolidaysRP, de.HolidaysSH, de.HolidaysSL, de.HolidaysSN, de.HolidaysST, de.HolidaysTH)
	case "DK":
		return dk.Holidays
	case "ES":
		return es.Holidays
	case "FR":
		return fr.Holidays
	case "GB":
		return gb.Holidays
	case "GR":
		return gr.Holidays
	case "HR":
		return hr.Holidays
	case "IE":
		return ie.Holidays
	case "IT":
		return it.Holidays
	case "LT":
		return lt.Holidays
	case "LV":
		return lv.Holidays
	case "NL":
		return nl.Holidays
	case "NO":
		return no.Holidays
	case "PL":
		return pl.Holidays
	case "RO":
		return ro.Holidays
	case "RU":
		return ru.Holidays
	case "SE":
		return se.Holidays
	case "SI":
		return si.Holidays
	case "SK":
		return sk.Holidays
	case "UA":
		return ua.Holidays
	}
	return nil
}

// regional are the holidays of a region, by ISO 3166-2 code; nil where the library has none.
func regional(region string) []*cal.Holiday {
	country, part, _ := strings.Cut(region, "-")
	switch country {
	case "AU":
		return australian(part)
	case "CH":
		return swiss(part)
	case "DE":
		return german(part)
	}
	return nil
}

func australian(part string) []*cal.Holiday {
	switch part {
	case "ACT":
		return au.HolidaysACT
	case "NSW":
		return au.HolidaysNSW
	case "NT":
		return au.HolidaysNT
	case "QLD":
		return au.HolidaysQLD
	case "SA":
		return au.HolidaysSA
	case "TAS":
		return au.HolidaysTAS
	case "VIC":
		return au.HolidaysVIC
	case "WA":
		return au.HolidaysWA
	}
	return nil
}

func swiss(part string) []*cal.Holiday {
	switch part {
	case "AG":
		return ch.HolidaysAG
	case "AI":
		return ch.HolidaysAI
	case "AR":
		return ch.HolidaysAR
	case "BE":
		return ch.HolidaysBE
	case "BL":
		return ch.HolidaysBL
	case "BS":
		return ch.HolidaysBS
	case "FR":
		return ch.HolidaysFR
	case "GE":
		return ch.HolidaysGE
	case "GL":
		return ch.HolidaysGL
	case "GR":
		return ch.HolidaysGR
	case "JU":
		return ch.HolidaysJU
	case "LU":
		return ch.HolidaysLU
	case "NE":
		return ch.HolidaysNE
	case "NW":
		return ch.HolidaysNW
	case "OW":
		return ch.HolidaysOW
	case "SG":
		return ch.HolidaysSG
	case "SH":
		return ch.HolidaysSH
	case "SO":
		return ch.HolidaysSO
	case "SZ":
		return ch.HolidaysSZ
	case "TG":
		return ch.HolidaysTG
	case "TI":
		return ch.HolidaysTI
	case "UR":
		return ch.HolidaysUR
	case "VD":
		return ch.HolidaysVD
	case "VS":
		return ch.HolidaysVS
	case "ZG":
		return ch.HolidaysZG
	case "ZH":
		return ch.HolidaysZH
	}
	return nil
}

func german(part string) []*cal.Holiday {
	switch part {
	case "BB":
		return de.HolidaysBB
	case "BE":
		return de.HolidaysBE
	case "BW":
		return de.HolidaysBW
	case "BY":
		return de.HolidaysBY
	case "HB":
		return de.HolidaysHB
	case "HE":
		return de.HolidaysHE
	case "HH":
		return de.HolidaysHH
	case "MV":
		return de.HolidaysMV
	case "NI":
		return de.HolidaysNI
	case "NW":
		return de.HolidaysNW
	case "RP":
		return de.HolidaysRP
	case "SH":
		return de.HolidaysSH
	case "SL":
		return de.HolidaysSL
	case "SN":
		return de.HolidaysSN
	case "ST":
		return de.HolidaysST
	case "TH":
		return de.HolidaysTH
	}
	return nil
}
