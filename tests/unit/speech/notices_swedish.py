"""What Swedish municipalities, hospitals and rescue services write in notices, and how it is read aloud."""

from __future__ import annotations

NOTICES = [
    (
        "VMA: Viktigt meddelande till allmänheten i Borås.",
        "ve emm a: Viktigt meddelande till allmänheten i Borås.",
    ),
    (
        "Det brinner på Storgatan 12 B, 3 tr. Stäng dörrar och fönster.",
        "Det brinner på Storgatan 12 be, 3 trappor. Stäng dörrar och fönster.",
    ),
    ("Vid fara för liv, ring 112.", "Vid fara för liv, ring ett ett två."),
    (
        "Frågor? Ring 113 13 eller 1177, inte 112.",
        "Frågor? Ring ett ett tre, ett tre eller elva sjuttiosju, inte ett ett två.",
    ),
    (
        "Vattnet i Ängelholm måste kokas t.o.m. fre 27/11 kl. 16.00.",
        "Vattnet i Ängelholm måste kokas till och med fredag tjugosjunde november klockan sexton.",
    ),
    (
        "Koka vattnet i minst 3–5 min. innan du dricker det.",
        "Koka vattnet i minst 3 till 5 minuter innan du dricker det.",
    ),
    (
        "Tankbil med dricksvatten finns vid ICA på Kungsg. 8 mellan kl. 07–21.",
        "Tankbil med dricksvatten finns vid ICA på Kungsgatan 8 mellan klockan sju till tjugoett.",
    ),
    (
        "Strömavbrott i delar av kommunen, ca 1 500 hushåll berörs.",
        "Strömavbrott i delar av kommunen, cirka 1500 hushåll berörs.",
    ),
    (
        "Strömmen väntas vara tillbaka tidigast kl 22:15 den 3 dec.",
        "Strömmen väntas vara tillbaka tidigast klockan tjugotvå femton den tredje december",
    ),
    (
        "SMHI varnar för -25 °C och byar på 28 m/s.",
        "ess emm hå i varnar för minus 25 grader och byar på 28 meter per sekund.",
    ),
    (
        "Röd varning: 40–60 cm snö, särskilt norr om E4.",
        "Röd varning: 40 till 60 centimeter snö, särskilt norr om e 4.",
    ),
    (
        "Rv 40 är avstängd vid trafikplats 94, ta väg 180.",
        "Riksväg 40 är avstängd vid trafikplats 94, ta väg 180.",
    ),
    (
        "Skolan är stängd mån–ons v. 47 p.g.a. vattenläcka.",
        "Skolan är stängd måndag till onsdag vecka 47 på grund av vattenläcka.",
    ),
    (
        "Förskolan Ekorren öppnar kl. 06:30 tors 2026-11-26.",
        "Förskolan Ekorren öppnar klockan sex trettio torsdag tjugosjätte november 2026.",
    ),
    (
        "Vi saknar 2 usk på avd. 5 i natt kl. 21–07, kan du komma?",
        "Vi saknar 2 undersköterska på avdelning 5 i natt klockan tjugoett till sju, kan du komma?",
    ),
    (
        "Passet är 8,5 tim. och börjar 14.30. Ersättning 250 kr/tim.",
        "Passet är 8,5 timmar och börjar klockan fjorton trettio. Ersättning 250 kronor i timmen.",
    ),
    (
        "Ring avdelningen på 033-616 10 00 om du kan.",
        "Ring avdelningen på noll tre tre, sex ett sex, ett noll, noll noll om du kan.",
    ),
    (
        "Tel. 0771-11 22 33 är öppen dygnet runt.",
        "Telefon noll sju sju ett, ett ett, två två, tre tre är öppen dygnet runt.",
    ),
    (
        "SMS:a till +46 70 123 45 67 om du behöver hjälp.",
        "ess emm essa till plus fyra sex, sju noll, ett två tre, fyra fem, sex sju om du behöver hjälp.",
    ),
    (
        "Läs mer på www.kommunen.se eller mejla krisinfo@kommunen.se.",
        "Läs mer på kommunen punkt se eller mejla krisinfo snabel-a kommunen punkt se.",
    ),
    (
        "All info finns på https://www.msb.se/rad-till/el-avbrott.",
        "All info finns på msb punkt se snedstreck rad bindestreck till snedstreck el bindestreck avbrott.",
    ),
    (
        "Tryck 1 för ja, tryck 2 för nej, tryck * för att höra igen och avsluta med #.",
        "Tryck 1 för ja, tryck 2 för nej, tryck  stjärna  för att höra igen och avsluta med  fyrkant .",
    ),
    (
        "Portkoden är 4711 och hiss B är avstängd.",
        "Portkoden är fyra sju ett ett och hiss be är avstängd.",
    ),
    (
        "Ditt ärendenummer: KS2026-117.",
        "Ditt ärendenummer: kå ess, två noll två sex, ett ett sju.",
    ),
    (
        "Flytta bilen med reg.nr ABC 12D före kl. 7.",
        "Flytta bilen med reg.nr a be se, ett två, de före klockan sju.",
    ),
    (
        "Bil ABC 123 står i vägen för räddningstjänsten.",
        "Bil a be se, ett två tre står i vägen för räddningstjänsten.",
    ),
    (
        "Samlingsplats: Folkets hus, sal A, vån. 2.",
        "Samlingsplats: Folkets hus, sal a, våning 2.",
    ),
    (
        "Utrym hus C och block 4D omedelbart.",
        "Utrym hus se och block 4 de omedelbart.",
    ),
    (
        "Hemvärnet, FRG och Röda Korset hjälper bl.a. äldre och sjuka m.fl.",
        "Hemvärnet, eff err ge och Röda Korset hjälper bland annat äldre och sjuka med flera.",
    ),
    (
        "Ta med legitimation, medicin, varma kläder etc. Husdjur får följa med.",
        "Ta med legitimation, medicin, varma kläder et cetera. Husdjur får följa med.",
    ),
    (
        "Avgiften är 1 250 kr/mån och ska betalas senast 30/11.",
        "Avgiften är 1250 kronor per månad och ska betalas senast trettionde november.",
    ),
    (
        "Böter på 4,5 mnkr enl. 26 kap. 19 § miljöbalken",
        "Böter på 4,5 miljoner kronor enligt 26 kapitel 19  paragraf  miljöbalken",
    ),
    (
        "Bostadsbidraget är 12,50 kr lägre fr.o.m. den 1:a jan. 2027",
        "Bostadsbidraget är 12 kronor och 50 öre lägre från och med den första januari 2027",
    ),
    (
        "Sophämtningen flyttas från lör 26/12 till mån 28/12.",
        "Sophämtningen flyttas från lördag tjugosjätte december till måndag tjugoåttonde december.",
    ),
    (
        "Vårdcentralen har öppet mån-fre 8:00–17:00, lör 9–13.",
        "Vårdcentralen har öppet måndag till fredag klockan åtta till sjutton, lördag 9 till 13.",
    ),
    (
        "Blanda 1/2 dl klorin med 10 l vatten.",
        "Blanda en halv deciliter klorin med 10 liter vatten.",
    ),
    (
        "Håll hastigheten under 30 km/h; bron bär högst 3,5 ton.",
        "Håll hastigheten under 30 kilometer i timmen; bron bär högst 3,5 ton.",
    ),
    (
        "Vattennivån i Vänern stiger 5 cm/dygn.",
        "Vattennivån i Vänern stiger 5 centimeter per dygn.",
    ),
    (
        "Evakuering till Sporthallen, Idrottsv. 5-7, 504 64 Borås.",
        "Evakuering till Sporthallen, Idrottsvägen 5 till 7, 504 64 Borås.",
    ),
    (
        "Obs! Mötet 24/11 kl. 18.30 är inställt.",
        "Observera! Mötet tjugofjärde november klockan arton trettio är inställt.",
    ),
    (
        "Jouren når du 24/7 på tfn 010-456 70 00.",
        "Jouren når du dygnet runt på telefon noll ett noll, fyra fem sex, sju noll, noll noll.",
    ),
    (
        "Ett barn, ca 4 år, saknas vid Lv 160; ring 114 14 & uppge nr 5.",
        "Ett barn, cirka 4 år, saknas vid Länsväg 160; ring ett ett fyra, ett fyra  och  uppge nummer 5.",
    ),
    (
        "Gaslarm: håll dig > 300 m från depån.",
        "Gaslarm: håll dig  större än  300 meter från depån.",
    ),
    (
        "Övning 5–7 maj: inga riktiga larm, d.v.s. du behöver inte göra något.",
        "Övning femte till sjunde maj: inga riktiga larm, det vill säga du behöver inte göra något.",
    ),
    (
        "Bluffsamtal! Kommunen frågar aldrig efter din pinkod eller ditt BankID.",
        "Bluffsamtal! Kommunen frågar aldrig efter din pinkod eller ditt BankID.",
    ),
    (
        "Alla är i Göteborg. 5 bilar kom i måndag. 3 kom på Storg. 2.",
        "Alla är i Göteborg. 5 bilar kom i måndag. 3 kom på Storgatan 2.",
    ),
    ("Ring Tor 5 gånger, helst 2 ha med sig ved.", "Ring Tor 5 gånger, helst 2 ha med sig ved."),
    (
        "Faran är över. Tack för att du och/eller dina grannar hjälpte till.",
        "Faran är över. Tack för att du och eller dina grannar hjälpte till.",
    ),
]
