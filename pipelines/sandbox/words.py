"""The words that names in the made-up world are put together from."""


def listed(text: str) -> tuple[str, ...]:
    """Split a list that is written as running text: at bars, or where there are none, at spaces."""
    return tuple(word.strip() for word in text.strip().split("|" if "|" in text else None))


FIRST = listed("""
    Amber Quiet Copper Silver Golden Hidden Distant Northern Southern Winter Summer Autumn Lucky
    Bold Brave Gentle Mighty Noble Royal Secret Silent Sudden Swift Velvet Wandering Whispering
    Wild Crimson Scarlet Emerald Sapphire Ivory Ebony Dusty Misty Stormy Sunny Rainy Windy Frosty
    Early Late Midnight Morning Evening Twilight Moonlit Starlit Painted Polished Broken Borrowed
    Stolen Spare Plain Fancy Merry Jolly Sober Solemn Clever Cunning Curious Daring Eager Fearless
    Faithful Honest Humble Patient Proud Restless Rugged Tender Tidy Upland Lowland Coastal Inland
    Harbour River Mountain Valley Meadow Forest Orchard Garden Village Castle Cottage Abbey Bishop
    Captain Colonel Doctor Duchess Farmer Fiddler Gypsy Hunter Miller Minstrel Pilgrim Piper
    Poacher Rector Sailor Sergeant Shepherd Smuggler Squire Tinker Trooper Weaver Yeoman Baltic
    Celtic Cornish Danish Dutch Flemish Nordic Persian Roman Saxon Spanish Tuscan Viennese Western
    Eastern Arctic Atlantic Pacific
""")

SECOND = listed("""
    Anchor Anthem Arrow Badger Ballad Banner Beacon Bell Blossom Bonfire Bramble Breeze Bridge
    Brook Button Candle Canyon Carousel Chorus Cloud Clover Comet Compass Coral Crown Dagger
    Dancer Dawn Diamond Dream Drummer Dusk Echo Ember Falcon Feather Fern Fiddle Flame Flight
    Flint Fortune Fountain Fox Galaxy Gambit Garland Glade Glory Granite Grove Gull Hallmark
    Harbour Harvest Haven Hawk Heather Helmet Heron Hollow Horizon Island Ivy Jester Jewel Journey
    Juniper Kestrel Keystone Kingdom Lagoon Lantern Lark Laurel Legend Letter Linnet Lullaby Maple
    Mariner Market Marvel Meteor Mill Mirage Mirror Motion Myth Nectar Nightjar Oak Oath Omen Opal
    Orchid Osprey Otter Palace Parade Pebble Pennant Petal Phantom Pillar Pioneer Poem Poppy
    Prairie Prelude Promise Puzzle Quarry Quartz Quest Rainbow Ransom Raven Reason Reef Rhapsody
    Riddle Ripple Robin Rocket Rumour Saga Sceptre Season Shadow Signal Sonnet Spark Sparrow
    Spirit Sprite Story Tempest Thimble Thistle Thunder Timber Token Torrent Tower Treasure
    Tribute Trumpet Tulip Valour Venture Verse Victory Viola Voyage Willow Wonder Wren Zephyr
""")

PATTERNS = listed("""
    {0} {1}|{1} {0}|{0} of {1}|{1} of {0}|The {0} {1}|{0} and {1}|My {0} {1}|{0}'s {1}|{1} by {0}|
    Not {0} {1}|{0} {1} Tale|{0} {1} Song|Le {0} {1}|Call Me {0} {1}|{0} for {1}|One {0} {1}|
    {0} {1} Again|{0} at {1}|Old {0} {1}|{0} to the {1}
""")

FORENAMES = listed("""
    Adam Aidan Alan Alice Andrea Barry Beth Brendan Callum Carla Cathal Claire Colin Conor Dale
    Daniel Declan Denis Derek Dylan Eamon Edith Elaine Ellen Emma Eoin Fergus Fiona Frank Gareth
    Gavin Gemma George Grace Graham Hannah Harriet Harry Heather Hugh Ian Isla Jack James Jane
    Joanna Joe Karen Keith Kieran Laura Lee Leo Liam Lily Lorna Luke Maeve Marcus Mark Martha
    Martin Megan Miles Neil Niamh Nora Oliver Orla Oscar Owen Pat Paula Peter Philip Rachel Ray
    Rhys Robert Rory Ross Ruth Sally Sam Sarah Sean Simon Sophie Stella Stuart Tara Tess Thomas
    Tina Toby Tom Una Victor Violet Wendy Will Zoe
""")

SURNAMES = listed("""
    Abbotsley Aldermoor Allingworth Anstrudder Appletree Arkwold Ashcombe Aspinwold Bagthorne
    Ballantree Bannerfield Barleywick Beckmoor Bellamont Birchwell Blackmere Bonnington Bracegarth
    Bramfield Brightmore Broadwell Burnside Byfield Cairnbridge Caldermoor Candlish Carrowmore
    Castlefoot Chalkwell Chillingham Clearwater Cloverdale Coldbrook Copperfield Corbally Crannog
    Cressbrook Culverhay Dalrigg Darnbrook Deepdale Dingleford Donnellan Dovecote Drumgoole
    Duckworthy Dunmallet Eastbury Edgecliff Ellerslie Elmswood Fairbourne Fallowfield Farthingale
    Fennimore Fernyhough Finnegarth Foxcroft Galbally Garrowby Gillespick Glenfarne Goldcrest
    Goodfield Granary Greenhow Grimshawe Hackthorn Halloway Hambledown Harkaway Hartfell Hazelrigg
    Heathcroft Hollingsby Honeychurch Hopewell Hutchfield Inchmore Inglebrook Jesmonde Kellaway
    Kilbracken Kingsmoor Kirkbride Knockmore Lambourne Lanesby Larkspur Lindenhurst Lockwood
    Longstaffe Loughrea Maddenfield Mallowdale Mapleton Marchbank Mayberry Merrow Millbank
    Moorcroft Morningside Muldowney Netherby Nightingall Norbreck Oakenshaw Oldcastle Ormerod
    Orrell Oxenholme Padfield Partridge Peatling Pennycook Pilkerton Plumstead Porterhouse
    Quarrington Quillfeather Ragwell Rathdowney Ravensby Redfern Ridgewell Rosslare Rowanby
    Rushbrook Sandiford Scattergood Seagrave Shillington Silverthorne Skelbrooke Slievemore
    Sorrell Stanbury Stillwater Summerscale Swannick Tamblyn Tarleton Thackaray Thornycroft
    Tibberton Tollymore Trevannion Tullamoor Underhill Upwell Verity Wainfleet Wallbrook Warmsley
    Waterhouse Weatherall Westropp Whitlock Wickenby Wilderspin Windrush Winterbourne Woodgate
    Wyverne Yarborough Yeldersley
""")

PLACES = listed("""
    Newmarket, Suffolk|Lambourn, Berks|Middleham, N Yorks|Malton, N Yorks|Epsom, Surrey|
    Findon, W Sussex|Stow-on-the-Wold, Gloucs|Wantage, Oxon|Marlborough, Wilts|Ditcheat, Somerset|
    Hawick, Borders|Carluke, S Lanarks|Welshpool, Powys|Abergavenny, Gwent|Tarporley, Cheshire|
    Kinsham, Worcs
""")

IRISH_PLACES = listed("""
    Curragh, Co Kildare|Cashel, Co Tipperary|Mallow, Co Cork|Navan, Co Meath|Killavullan, Co Cork|
    Muine Bheag, Co Carlow|Enniscorthy, Co Wexford|Gorey, Co Wexford|Maynooth, Co Kildare|
    Athy, Co Kildare
""")

SPONSORS = listed("""
    Larkhill Motors|Brindle Brewery|Copper Kettle Tea|Harbour Lights Hotel|Oakbeam Conservatories|
    Penny Farthing Cycles|Saltmarsh Seafoods|Tumbledown Farm Shop|Whistlestop Couriers|Quill & Ink|
    Windfall Cider|Millpond Insurance|Join The Members' Club|Book Hospitality Online|
    Ladies' Day Is Coming|Follow Us For Free Tips|Happy Birthday Nora|Racing Here Again On Friday|
    Thistledown Feeds|Bramblewick Joinery|Blue Lamp Electrics|Cobbler's Rest|Kettlewell Roofing|
    Fiddlers Green Caravans
""")

RUNNING = listed("""
    Led|Made all|Held up in rear|Prominent|Tracked leaders|In touch with leaders|Midfield|
    Towards rear|Took keen hold|Slowly away|Chased leader
""")

MIDDLE = listed("""
    pushed along over 2f out|ridden 2f out|headway over 1f out|lost place halfway|
    not much room 2f out|switched right over 1f out|hung left from 2f out|soon ridden|
    disputed lead halfway|outpaced over 2f out
""")

ENDINGS = listed("""
    kept on inside final furlong|weakened inside final furlong|no extra towards finish|
    kept on same pace|never dangerous|stayed on final 110yds|lost touch over 1f out|no impression|
    found little
""")

WINNING = listed("""
    ridden out|kept on well|led inside final 110yds|drew clear final furlong|just held on|
    won going away
""")

VIEWS = listed("""
    Looks held on recent efforts but this is easier|Each-way claims if building on latest run|
    Unexposed and open to improvement|Has plenty to prove at present|Back down to a workable mark|
    Respected with the yard in form|Ran well over course and distance last time|
    Needs to settle better
""")

SAYINGS = listed("""
    He's a big horse who will be better next year and we've always liked him.|
    She's been working nicely and wants a bit of cut in the ground.|
    We were delighted with that and he'll step up in trip now.|
    She jumped for fun and the race just worked out well for us.|
    He needed the run last time and has come forward a good deal since.
""")

REASONS = listed("""
    going|self certificate, cast in box|self certificate, lame|transport broke down|
    vet's certificate, coughing|withdrawn, vet's report|withdrawn; would not load|
    withdrawn; bolted before start|travelled badly
""")
