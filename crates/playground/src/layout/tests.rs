use super::*;
use proptest::prelude::*;

fn card(height: u32) -> Block {
    Block { width: 206, height, pill: false }
}

fn link(from: usize, to: usize) -> Link {
    Link { from, to, from_y: 10, to_y: 10, label: 40 }
}

#[test]
fn a_chain_goes_from_left_to_right() {
    let pill = Block { width: 90, height: 24, pill: true };
    let laid = layout(&[card(60), card(60), pill], &[link(0, 1), link(2, 0)]);
    assert!(laid.places[2].x < laid.places[0].x && laid.places[0].x < laid.places[1].x);
    assert_eq!(laid.places[0].y, laid.places[1].y, "a straight chain is drawn straight");
    assert!(laid.routes[0].path().starts_with('M'));
}

#[test]
fn long_links_go_around_what_stands_between() {
    let laid = layout(&[card(60), card(60), card(60)], &[link(0, 1), link(1, 2), link(0, 2)]);
    let across = &laid.routes[2].points;
    assert_eq!(across.len(), 4);
    let (top, bottom) = (laid.places[1].y, laid.places[1].y + 60);
    assert!(across[1].y < top || across[1].y > bottom, "{across:?} crosses {top}..{bottom}");
}

#[test]
fn nothing_is_something() {
    assert_eq!(layout(&[], &[]).places, []);
}

#[test]
fn a_thousand_stages_are_placed() {
    let blocks: Vec<Block> = (0..1000).map(|_| card(60)).collect();
    let links: Vec<Link> = (1..1000).flat_map(|i| [link(i - 1, i), link(0, i)]).collect();
    assert_eq!(layout(&blocks, &links).places.len(), 1000);
}

fn graphs() -> impl Strategy<Value = (Vec<Block>, Vec<Link>)> {
    let block = (40_u32..260, 20_u32..200, any::<bool>()).prop_map(|(width, height, pill)| Block {
        width,
        height,
        pill,
    });
    proptest::collection::vec(block, 1..14).prop_flat_map(|blocks| {
        let n = blocks.len();
        let ends = proptest::collection::vec((0..n, 0..n, 0_i32..20, 0_i32..20, 0_u32..200), 0..24);
        (Just(blocks), ends).prop_map(|(blocks, ends)| {
            let links = ends.into_iter().filter(|(a, b, ..)| a != b);
            let links = links.map(|(from, to, from_y, to_y, label)| Link { from, to, from_y, to_y, label });
            (blocks, links.collect())
        })
    })
}

proptest! {
    #[test]
    fn boxes_never_overlap((blocks, links) in graphs()) {
        let laid = layout(&blocks, &links);
        for (i, (a, p)) in blocks.iter().zip(&laid.places).enumerate() {
            prop_assert!(p.x >= MARGIN && p.y >= MARGIN);
            prop_assert!(p.x + a.width as i32 + MARGIN <= laid.width as i32);
            prop_assert!(p.y + a.height as i32 + MARGIN <= laid.height as i32);
            for (b, q) in blocks.iter().zip(&laid.places).skip(i + 1) {
                let apart = p.x + a.width as i32 <= q.x
                    || q.x + b.width as i32 <= p.x
                    || p.y + a.height as i32 <= q.y
                    || q.y + b.height as i32 <= p.y;
                prop_assert!(apart, "{p:?} {a:?} over {q:?} {b:?}");
            }
        }
    }

    #[test]
    fn links_join_their_boxes((blocks, links) in graphs()) {
        let laid = layout(&blocks, &links);
        for (link, route) in links.iter().zip(&laid.routes) {
            let (from, to) = (laid.places[link.from], laid.places[link.to]);
            let right = from.x + blocks[link.from].width as i32;
            prop_assert_eq!(route.points.first().copied(), Some(Point { x: right, y: from.y + link.from_y }));
            prop_assert_eq!(route.points.last().copied(), Some(Point { x: to.x, y: to.y + link.to_y }));
        }
    }
}
