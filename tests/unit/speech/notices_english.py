"""What municipalities, hospitals and rescue services write in English notices, and how it is read aloud."""

from __future__ import annotations

NOTICES = [
    ("In an emergency, call 112.", "In an emergency, call one one two."),
    ("Dial 911 or 999 if life is in danger.", "Dial nine one one or nine nine nine if life is in danger."),
    (
        "There is a fire at 12B High St. Stay indoors.",
        "There is a fire at 12 bee High Street. Stay indoors.",
    ),
    (
        "Boil your water until Fri 27 Nov at 4pm.",
        "Boil your water until Friday the twenty-seventh of November at 4 p m.",
    ),
    (
        "Boil water for 3-5 min. before drinking.",
        "Boil water for 3 to 5 minutes before drinking.",
    ),
    (
        "Drinking water is handed out at 14 Elm Rd between 7am and 9:30pm.",
        "Drinking water is handed out at 14 Elm Road between 7 a m and nine thirty p m.",
    ),
    (
        "The power is out in approx. 1,500 homes.",
        "The power is out in approximately 1500 homes.",
    ),
    (
        "Power should be back by 10:15 p.m. on December 3rd.",
        "Power should be back by ten fifteen p m on December third.",
    ),
    (
        "Temperatures may fall to -25 °C with winds of 60-70 mph.",
        "Temperatures may fall to minus 25 degrees with winds of 60 to 70 miles an hour.",
    ),
    ("Expect 8–12 in of snow on Route 66.", "Expect 8 to 12 inches of snow on Route 66."),
    ("The E4 is closed at Exit A.", "The ee 4 is closed at Exit ay."),
    (
        "School is closed Mon–Wed because of a water leak.",
        "School is closed Monday to Wednesday because of a water leak.",
    ),
    (
        "The nursery opens at 06:30 on 2026-11-26.",
        "The nursery opens at six thirty on the twenty-sixth of November 2026.",
    ),
    (
        "We are short of 2 nurses in Ward B tonight, 9pm to 7am. Can you come?",
        "We are short of 2 nurses in Ward bee tonight, 9 p m to 7 a m. Can you come?",
    ),
    (
        "The shift is 8.5 hrs and pays $25/hour.",
        "The shift is 8.5 hours and pays 25 dollars an hour.",
    ),
    (
        "Call the ward on 020 7946 0958.",
        "Call the ward on zero two zero, seven nine four six, zero nine five eight.",
    ),
    (
        "Text +1 555-123-4567 if you need help.",
        "Text plus one, five five five, one two three, four five six seven if you need help.",
    ),
    (
        "Call (555) 123-4567, ext. 12.",
        "Call five five five, one two three, four five six seven, extension 12.",
    ),
    (
        "Read more at www.example-town.gov or write to alerts@example.org.",
        "Read more at example dash town dot gov or write to alerts at example dot org.",
    ),
    (
        "See https://www.example.org/water for a map.",
        "See example dot org slash water for a map.",
    ),
    (
        "Press 1 for yes, 2 for no, * to hear this again, and finish with #.",
        "Press 1 for yes, 2 for no,  star  to hear this again, and finish with  hash .",
    ),
    (
        "The door code is 4711; lift C is out of order.",
        "The door code is four seven one one; lift see is out of order.",
    ),
    (
        "Your case number: AB2026-117.",
        "Your case number: ay bee, two zero two six, one one seven.",
    ),
    ("Meet in Room A on the 2nd floor, bldg. 4.", "Meet in Room ay on the 2nd floor, building 4."),
    ("Evacuate Block D at once.", "Evacuate Block dee at once."),
    (
        "Bring ID, medicine, warm clothes etc. Pets are welcome.",
        "Bring eye dee, medicine, warm clothes et cetera. Pets are welcome.",
    ),
    ("EMS and the ER are on alert.", "ee em ess and the ee ar are on alert."),
    ("The fee is £12.50/month.", "The fee is 12 pounds and 50 pence a month."),
    ("The flood cost £2.5m, or about $3 million.", "The flood cost 2.5 million pounds, or about 3 million dollars."),
    ("A fine of €1,500 applies from 1 Jan 2027.", "A fine of 1500 euros applies from the first of January 2027."),
    (
        "Bins are emptied on Sat 26 December instead of the 25th of December.",
        "Bins are emptied on Saturday the twenty-sixth of December instead of the twenty-fifth of December.",
    ),
    (
        "The clinic is open Mon-Fri 8:00–17:00.",
        "The clinic is open Monday to Friday eight o'clock to seventeen hundred.",
    ),
    ("Mix 1/2 cup of bleach with 5 gal of water.", "Mix half a cup of bleach with 5 gallons of water."),
    ("Keep below 20 mph; the bridge bears 3.5 tonnes.", "Keep below 20 miles an hour; the bridge bears 3.5 tonnes."),
    ("The river rises 2 in./day.", "The river rises 2 inches a day."),
    ("Go to St. Mary's Church, 5-7 Park Ave.", "Go to Saint Mary's Church, 5 to 7 Park Avenue."),
    (
        "The meeting on 24/11 at 18:30 is cancelled.",
        "The meeting on the twenty-fourth of November at eighteen thirty is cancelled.",
    ),
    (
        "We answer 24/7 on 555-123-4567.",
        "We answer twenty-four seven on five five five, one two three, four five six seven.",
    ),
    (
        "Dr. Smith & Mrs. Jones will call you asap.",
        "Doctor Smith  and  Missis Jones will call you as soon as possible.",
    ),
    ("Stay > 300 m from the depot.", "Stay  more than  300 metres from the depot."),
    (
        "Drill on May 5, 2027: no real alarms, i.e. do nothing.",
        "Drill on May fifth, 2027: no real alarms, that is do nothing.",
    ),
    ("Apt. 12 and #5 must be left now.", "Apartment 12 and number 5 must be left now."),
    ("Do not use the AED before you call 112.", "Do not use the ay ee dee before you call one one two."),
    ("If you may come on 10 or 11 of them, press 1.", "If you may come on 10 or 11 of them, press 1."),
    (
        "Meet at 5 in the hall, or ask Dr Smith in 101 Elm Dr.",
        "Meet at 5 in the hall, or ask Doctor Smith in 101 Elm Drive.",
    ),
    ("Ask Dr. Smith; 111 people can.", "Ask Doctor Smith; 111 people can."),
    ("The danger is over. Thank you for helping.", "The danger is over. Thank you for helping."),
]

AMERICAN = [
    ("The school reopens on 11/24 at 8 AM.", "The school reopens on the twenty-fourth of November at 8 a m."),
    ("Press # when done, zone Z.", "Press  pound  when done, zone zee."),
]
